//! The panel that makes things fail.

use serde_json::json;

use crate::support::browser::play;
use crate::support::desk::Desk;
use crate::support::played_bot::PlayedBot;

#[tokio::test]
async fn a_rule_makes_a_call_fail_until_it_is_removed() {
    let bot = PlayedBot::start().await;
    let ana = bot.sim.person("Ana");
    ana.says("Hello").await.unwrap();
    play("faults", async |client| {
        let desk = Desk::open(client, &bot.page()).await;
        desk.click("faults-open").await;
        desk.choose("fault-fault", "status").await;
        desk.fill("fault-code", "503").await;
        desk.fill("fault-kind", "messages").await;
        desk.click("fault-add").await;
        desk.shows("fault-rules", "503").await;
        desk.shows("faults-open", "1 fault on").await;

        assert_eq!(bot.sends(&ana, json!({"text": "lost"})).await, Some(503));
        desk.has_row("the fault", |row| {
            row.title == "messages"
                && row.state == "failed"
                && row.fault.as_deref() == Some("status")
        })
        .await;
        desk.picture("faults").await;

        desk.click("fault-remove").await;
        desk.shows("fault-rules", "No faults").await;
        desk.click("drawer-close").await;
        assert_eq!(bot.sends(&ana, json!({"text": "found"})).await, Some(200));
        desk.shows("person-messages", "found").await;
    })
    .await;
}
