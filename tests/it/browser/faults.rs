//! The panel that makes things fail.

use serde_json::json;

use crate::support::browser::play;
use crate::support::played_bot::PlayedBot;
use crate::support::simulator_page::SimulatorPage;

#[tokio::test]
async fn a_rule_makes_a_call_fail_until_it_is_removed() {
    let bot = PlayedBot::start().await;
    let ana = bot.sim.person("Ana");
    ana.says("Hello").await.unwrap();
    play("faults", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.click("faults-open").await;
        page.choose("fault-fault", "status").await;
        page.fill("fault-code", "503").await;
        page.fill("fault-kind", "messages").await;
        page.click("fault-add").await;
        page.shows("fault-rules", "503").await;
        page.shows("faults-open", "1 fault on").await;

        assert_eq!(bot.sends(&ana, json!({"text": "lost"})).await, Some(503));
        page.has_row("the fault", |row| {
            row.title == "messages"
                && row.state == "failed"
                && row.fault.as_deref() == Some("status")
        })
        .await;
        page.picture("faults").await;

        page.click("fault-remove").await;
        page.shows("fault-rules", "No faults").await;
        page.click("drawer-close").await;
        assert_eq!(bot.sends(&ana, json!({"text": "found"})).await, Some(200));
        page.shows("person-messages", "found").await;
    })
    .await;
}
