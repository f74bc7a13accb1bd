//! How the platform is set up.

use handover_sim::SimulatedApp;
use serde_json::json;

use crate::support::browser::play;
use crate::support::desk::Desk;
use crate::support::played_bot::{BOT, PAGE, PlayedBot, SHOP, app};

#[tokio::test]
async fn routing_choices_and_toggles_are_switched() {
    let builder = handover_sim::Simulator::builder()
        .page(PAGE, "Kaffeehaus")
        .app(app())
        .app(SimulatedApp::new(SHOP, "Shop"));
    let bot = PlayedBot::on(builder).await;
    let ana = bot.sim.person("Ana");
    play("settings", async |client| {
        let desk = Desk::open(client, &bot.page()).await;
        desk.shows("owner-until", "the next message goes to Bot").await;
        desk.shows("owner-apps", "standby").await;

        desk.click("settings-open").await;
        desk.choose(&format!("default_app-{PAGE}"), SHOP).await;
        desk.shows("owner-until", "the next message goes to Shop").await;
        desk.click(&format!("standby-{PAGE}-{BOT}")).await;
        desk.shows("owner-apps", "standby is off").await;
        desk.click(&format!("routing-zero_config-{PAGE}")).await;
        desk.shows("owner-until", "any app may answer").await;

        desk.choose("choice-app_ids", "strings").await;
        desk.gives("return fetch('/desk/state').then(answer => answer.json()).then(state => state.choices.app_ids)", "strings".to_owned())
            .await;
        desk.click("drawer-close").await;

        ana.says("Hello").await.unwrap();
        assert_eq!(bot.sends(&ana, json!({"text": "Anybody may answer"})).await, Some(200));
        desk.shows("person-messages", "Anybody may answer").await;
    })
    .await;
}
