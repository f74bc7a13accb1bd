use handover_sim::{SimulatedApp, Simulator};

/// Saved from a thread with Ana.
#[tokio::test]
#[ignore = "needs the bot at its webhook's address"]
async fn saved_scenario() -> Result<(), Box<dyn std::error::Error>> {
    let sim = Simulator::builder()
        .page("1744550565845823", "Kaffeehaus")
        .app(
            SimulatedApp::new("1517776481860111", "Bot")
                .secret(std::env::var("MESSENGER_APP_SECRET")?)
                .token(std::env::var("MESSENGER_ACCESS_TOKEN")?)
                .webhook("http://127.0.0.1:9/webhook"),
        )
        .default_app("1517776481860111")
        .address("127.0.0.1:8090".parse()?)
        .start()
        .await?;
    let person = sim.person("Ana");
    person.taps_get_started().await?;
    sim.wait_until("they get: Say \"agent\", or choose:", || {
        let messages = person.messages();
        let message = messages.get(1);
        message.is_some_and(|message| message.text.as_deref() == Some("Say \"agent\", or choose:"))
    })
    .await?;
    person.taps_quick_reply("Menu").await?;
    sim.wait_until("they get: a template or attachment", || {
        let messages = person.messages();
        let message = messages.get(3);
        message.is_some_and(|message| message.text.is_none())
    })
    .await?;
    person.taps_button("Yes").await?;
    person.says("agent").await?;
    sim.inbox().request(&person).await?;
    sim.wait_until("app 263902037430900 owns the thread", || sim.owner_of(&person) == Some("263902037430900".into()))
        .await?;
    sim.inbox().reply(&person, "Ben here").await?;
    sim.inbox().done(&person).await?;
    sim.pass_time(std::time::Duration::from_secs(25 * 60 * 60)).await;
    person.says("thanks").await?;
    Ok(())
}
