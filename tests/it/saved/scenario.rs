use handover::testing::{DurationExt, Origin, Scenario};

/// Saved from a thread with Ana. `bot()` returns the bot under test.
#[tokio::test]
async fn saved_scenario() {
    let scenario = Scenario::with(bot()).await;
    let person = scenario.person("Ana");
    person.taps_get_started().await;
    person.sees("Say \"agent\", or choose:").await;
    person.taps_quick_reply("Menu").await;
    person.sees("There is coffee.").await;
    person.sends("image", "https://example.com/cup.jpg").await;
    person.sees("Thank you.").await;
    person.says("agent").await;
    person.sees("One moment.").await;
    scenario.inbox().sees(&person).await;
    scenario.inbox().replies(&person, "Ben here.").await;
    person.sees("Ben here.").await;
    scenario.inbox().done(&person).await;
    person.sees("I am back.").await;
    scenario.inbox().takes(&person).await;
    scenario.inbox().done(&person).await;
    person.sees("I am back.").await;
    scenario.pass_time(25.hours()).await;
    person.says("thanks").await;
    person.sees("Thank you.").await;
    scenario.inbox().says(&person, "Ben again.").await;
    person.sees("Ben again.").await;
    scenario.inbox().says_as(&person, "On my phone.", Origin::NativeApp).await;
    person.sees("On my phone.").await;
    person.sees_nothing_more().await;
}
