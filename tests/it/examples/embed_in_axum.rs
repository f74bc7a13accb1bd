use handover_testkit::http;
use handover::testing::Scenario;

use super::transcript;

#[path = "../../../examples/embed_in_axum.rs"]
#[allow(dead_code, reason = "the scenario runs the application")]
mod example;

pub(crate) async fn played() -> String {
    let soup = example::Soup::new("lentil".to_owned().into());
    let bot = example::bot(soup.clone());
    let scenario = Scenario::builder()
        .bot_in("embed_in_axum", bot, |bot| Ok(example::app(soup, bot)?.0))
        .start()
        .await;
    let ana = scenario.person("Ana");
    ana.says("soup").await;
    ana.sees("Today there is lentil soup.").await;

    let website = format!("http://{}/soup", scenario.address_of("embed_in_axum"));
    let kitchen = http::Client::new();
    let posted = kitchen.post(&website).body("tomato").send().await.unwrap();
    assert_eq!(posted.status(), 200);
    let shown = kitchen.get(&website).send().await.unwrap();
    assert_eq!(shown.text().await.unwrap(), "tomato");

    ana.says("soup").await;
    ana.sees("Today there is tomato soup.").await;
    transcript::played(&["bot"], &[&ana])
}
