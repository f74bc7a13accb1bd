//! A business's login page, which people come to by a button and are sent back from.

use handover_sim::{SimulatedApp, Simulator};
use handover_testkit::http;
use handover_testkit::http::Client;
use serde_json::{Value, json};

use crate::support::bot::Bot;
use crate::support::rules::{BOT, PAGE};

#[tokio::test]
async fn the_login_page_sends_people_back_with_a_code() {
    let bot = Bot::start().await;
    let sim = Simulator::builder()
        .page(PAGE, "Kaffeehaus")
        .app(SimulatedApp::new(BOT, "Bot").webhook(bot.webhook()))
        .start()
        .await
        .unwrap();
    let ana = sim.person("Ana");
    let act = async |name: &str| -> Value {
        let url = format!("{}control/actions/{name}", sim.page_url());
        let person = json!({"person": ana.id()});
        let done = Client::new().post(url).json(&person).send().await.unwrap();
        assert_eq!(done.status(), 200);
        done.json().await.unwrap()
    };
    let back = async |query: &str| {
        let path = "messenger_platform/account_linking";
        let url = format!("{}{path}?{query}", sim.page_url());
        let answer = http::get(url).await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    let followed = act("follow_account_link").await;
    let token = format!(
        "account_linking_token={}",
        followed["token"].as_str().unwrap()
    );
    let (status, said) = back(&token).await;
    assert_eq!(status, 200);
    assert!(said.contains("nothing is linked"), "{said}");
    for unknown in [
        "authorization_code=C",
        "account_linking_token=5&authorization_code=C",
    ] {
        assert_eq!(back(unknown).await.0, 404, "{unknown}");
    }
    let (status, said) = back(&format!("{token}&authorization_code=C%261")).await;
    assert_eq!(status, 200);
    assert!(said.contains("are linked"), "{said}");
    act("log_out").await;
    // Nobody is logged in any more.
    act("log_out").await;
    ana.says("done").await.unwrap();
    sim.wait_until("all is delivered", || {
        bot.kinds().last().is_some_and(|kind| kind == "message")
    })
    .await
    .unwrap();
    let bodies: Vec<Value> = bot
        .webhooks()
        .iter()
        .map(|webhook| serde_json::from_slice(&webhook.body).unwrap())
        .map(|body: Value| body["entry"][0]["messaging"][0]["account_linking"].clone())
        .collect();
    let linked = json!({"status": "linked", "authorization_code": "C&1"});
    assert_eq!(bodies, [linked, json!({"status": "unlinked"}), Value::Null]);
}
