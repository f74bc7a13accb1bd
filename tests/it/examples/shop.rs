use handover::testing::{DurationExt, Scenario};
use handover_testkit::http;
use serde_json::{Value, json};

use super::transcript;

#[path = "../../../examples/shop.rs"]
#[allow(dead_code, reason = "the scenario runs the application")]
mod example;

/// The shop and its warehouse.
struct Played {
    scenario: Scenario,
    client: http::Client,
}

impl Played {
    async fn start() -> Self {
        let orders = example::Orders::default();
        let bot = example::bot(orders.clone());
        let scenario = Scenario::builder()
            .bot_in("shop", bot, |bot| Ok(example::app(orders, bot)?.0))
            .start()
            .await;
        Self {
            scenario,
            client: http::Client::new(),
        }
    }

    /// The warehouse says that an order was shipped.
    async fn shipped(&self, order: u64) -> Value {
        let address = self.scenario.address_of("shop");
        let url = format!("http://{address}/orders/{order}/shipped");
        let answer = self.client.post(url).send().await.unwrap();
        let status = answer.status();
        let text = answer.text().await.unwrap();
        assert_eq!(status, 200, "{text}");
        serde_json::from_str(&text).unwrap()
    }

    async fn creates_template(&self) {
        let graph = self.scenario.simulator().graph_url();
        let template = json!({
            "name": "order_shipped", "language": "en_US", "category": "UTILITY",
            "components": [{ "type": "BODY", "text": "Good news: order {{1}} is on its way." }],
        });
        let url = format!("{graph}/v26.0/1744550565845823/message_templates");
        let created = self.client.post(url).bearer_auth("local-token").json(&template);
        assert_eq!(created.send().await.unwrap().status(), 200);
    }
}

pub(crate) async fn played() -> String {
    let played = Played::start().await;
    played.creates_template().await;
    let scenario = &played.scenario;
    let ana = scenario.person("Ana");
    ana.says("order").await;
    ana.sees("Thank you! Order 1 is being packed.").await;
    assert_eq!(played.shipped(1).await["signal"], "shipped");
    ana.sees("Order 1 is on its way to you.").await;

    ana.says("order").await;
    ana.sees("Thank you! Order 2 is being packed.").await;
    ana.says("agent").await;
    ana.sees("One moment, a colleague is taking over.").await;
    scenario.inbox().sees(&ana).await;
    let receipts = [played.shipped(2).await, played.shipped(2).await];
    assert_eq!(receipts[0]["created_at"], receipts[1]["created_at"]);
    scenario.inbox().replies(&ana, "Hi Ana, how can I help?").await;
    ana.sees("Hi Ana, how can I help?").await;
    scenario.settles().await;
    ana.sees_nothing_more().await;
    scenario.inbox().done(&ana).await;
    ana.sees("Order 2 is on its way to you.").await;

    ana.says("order").await;
    ana.sees("Thank you! Order 3 is being packed.").await;
    scenario.pass_time(48.hours()).await;
    played.shipped(3).await;
    ana.sees("Good news: order 3 is on its way.").await;
    transcript::played(&["shop"], &[&ana])
}

/// A colleague keeps the thread for longer than the message may wait.
#[tokio::test]
async fn what_waits_for_too_long_is_given_up() {
    let played = Played::start().await;
    let scenario = &played.scenario;
    let ana = scenario.person("Ana");
    ana.says("order").await;
    ana.sees("Thank you! Order 1 is being packed.").await;
    ana.says("agent").await;
    ana.sees("One moment, a colleague is taking over.").await;
    scenario.inbox().sees(&ana).await;
    played.shipped(1).await;
    for _ in 0..5 {
        scenario.pass_time(5.hours()).await;
        scenario.inbox().says(&ana, "Still at it.").await;
        ana.sees("Still at it.").await;
    }
    let dead = scenario.dead_letters().await;
    assert_eq!(dead.len(), 1, "{dead:?}");
    assert!(dead[0].cause.contains("expired"), "{}", dead[0].cause);
}

/// The template was never approved.
#[tokio::test]
async fn without_the_template_the_sender_learns_of_it() {
    let played = Played::start().await;
    let scenario = &played.scenario;
    let ana = scenario.person("Ana");
    ana.says("order").await;
    ana.sees("Thank you! Order 1 is being packed.").await;
    scenario.pass_time(48.hours()).await;
    played.shipped(1).await;
    scenario.settles().await;
    ana.sees_nothing_more().await;
    assert_eq!(scenario.dead_letters().await.len(), 1);
    assert_eq!(played.shipped(1).await["status"], "failed");
}
