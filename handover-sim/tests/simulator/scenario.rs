//! "Save as test".

use handover_sim::platform::Account;
use handover_sim::{SimulatedApp, Simulator};
use serde_json::{Value, json};

use crate::common::{BOT, PAGE};

/// `saved.rs` is what is written for this thread; it is compiled with these tests.
#[tokio::test]
async fn a_thread_is_written_down_as_a_test() {
    let sim = Simulator::builder()
        .account(Account::page(PAGE, "Kaffeehaus").default_app(BOT))
        .app(
            SimulatedApp::new(BOT, "Bot")
                .token("a-token")
                .webhook("http://127.0.0.1:9/webhook"),
        )
        .start()
        .await
        .unwrap();
    let ana = sim.person("Ana");
    let send = async |message: Value| {
        let url = format!("{}/me/messages", sim.graph_url());
        let body = json!({"recipient": {"id": ana.id()}, "message": message});
        let call = reqwest::Client::new().post(url).bearer_auth("a-token");
        assert_eq!(call.json(&body).send().await.unwrap().status(), 200);
    };
    ana.taps_get_started().await.unwrap();
    send(json!({"text": "Say \"agent\", or choose:", "quick_replies":
        [{"content_type": "text", "title": "Menu", "payload": "MENU"}]}))
    .await;
    ana.taps_quick_reply("Menu").await.unwrap();
    send(
        json!({"attachment": {"type": "template", "payload": {"template_type": "button",
        "text": "Coffee?", "buttons": [{"type": "postback", "title": "Yes", "payload": "YES"}]}}}),
    )
    .await;
    ana.taps_button("Yes").await.unwrap();
    ana.says("agent").await.unwrap();
    sim.inbox().request(&ana).await.unwrap();
    let pass = format!("{}/me/pass_thread_control", sim.graph_url());
    let body = json!({"recipient": {"id": ana.id()}, "target_app_id": 263_902_037_430_900_u64});
    let call = reqwest::Client::new().post(pass).bearer_auth("a-token");
    assert_eq!(call.json(&body).send().await.unwrap().status(), 200);
    sim.inbox().reply(&ana, "Ben here").await.unwrap();
    sim.inbox().done(&ana).await.unwrap();
    sim.pass_time(std::time::Duration::from_secs(26 * 60 * 60))
        .await;
    ana.says("thanks").await.unwrap();

    let url = format!("{}desk/threads/{}/scenario", sim.page_url(), ana.id());
    let written = reqwest::get(url).await.unwrap().text().await.unwrap();
    let written = written.replace(&sim.address().to_string(), "127.0.0.1:8090");
    assert_eq!(written, include_str!("saved.rs"), "\n{written}");
}
