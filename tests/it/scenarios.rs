//! What a scenario can play: humans beside the bot, what they see, and time that passes.

use std::time::{Duration, Instant};

use handover::Blocked;
use handover::graph::GraphError;
use handover::prelude::*;
use handover::sim::platform::ChatMessage;
use handover::testing::{DurationExt, Origin, Scenario, ScenarioBuilder};

const INSTAGRAM: &str = "17841405793187218";

#[fallback]
async fn answer() -> &'static str {
    "I am the bot."
}

#[on_message(text = "choose")]
async fn choose() -> Message {
    "Here:".with_buttons([
        Button::postback("Hats", "HATS"),
        Button::postback("Coats", "COATS"),
    ])
}

#[on_message(text = "greet")]
async fn greet(sender: Sender, graph: Graph) -> Result<String, GraphError> {
    let profile = graph.user_profile(&sender).await?;
    Ok(format!("{:?} {:?}", profile.locale, profile.timezone))
}

#[on_message(text = "later")]
async fn later(timers: Timers) -> &'static str {
    timers.set("later", Duration::from_secs(60));
    "I will."
}

#[on_timer(name = "later")]
async fn later_it_is() -> &'static str {
    "Later it is."
}

fn bot() -> Bot {
    Bot::new(routes![choose, greet, later, later_it_is, answer])
}

fn without_default_app() -> ScenarioBuilder {
    Scenario::builder().platform(handover_sim::SimulatorBuilder::zero_config)
}

#[tokio::test]
async fn humans_answer_beside_the_bot() {
    let scenario = without_default_app().bot("bot", bot()).start().await;
    let inbox = scenario.inbox();
    for origin in [Origin::Inbox, Origin::NativeApp] {
        for person in [
            scenario.person(&format!("Ana {origin:?}")),
            scenario.person_on(INSTAGRAM, &format!("Ana {origin:?}")),
        ] {
            // In a running conversation: right after its first message it would be the instant reply.
            for text in ["good morning", "hello"] {
                person.says(text).await;
                person.sees("I am the bot.").await;
            }
            scenario.pass_time(1.minutes()).await;
            inbox.says_as(&person, "Hi, Ben here.", origin).await;
            inbox.sees_text(&person, "Hi, Ben here.").await;
            person.sees("Hi, Ben here.").await;
            scenario.settles().await;
            person.says("hello Ben").await;
            person.sees_nothing_more().await;
            scenario.nobody_owns(&person).await;
            scenario.pass_time(31.minutes()).await;
            person.says("hello").await;
            person.sees("I am the bot.").await;
        }
    }
}

#[tokio::test]
async fn where_the_bot_is_the_default_app_it_stays_the_owner() {
    let scenario = Scenario::with(bot()).await;
    let ana = scenario.person("Ana");
    ana.says("hello").await;
    ana.sees("I am the bot.").await;
    scenario.inbox().says(&ana, "Hi, Ben here.").await;
    ana.sees("Hi, Ben here.").await;
    scenario.bot_owns(&ana).await;
}

#[tokio::test]
async fn what_is_seen_is_every_text_of_a_message() {
    let scenario = Scenario::with(bot()).await;
    let ana = scenario.person("Ana");
    for seen in ["Here:", "Hats", "Coats"] {
        ana.says("choose").await;
        ana.sees(seen).await;
    }
    ana.says("choose").await;
    ana.sees_in_a_text("Her").await;
    scenario.inbox().sees_text(&ana, "Here:").await;
    ana.sees_nothing_more().await;
}

#[tokio::test]
async fn persons_have_a_locale_and_a_time_zone() {
    let scenario = Scenario::with(bot()).await;
    let ana = scenario
        .person("Ana")
        .with_locale("de_DE")
        .with_timezone(1.0);
    ana.says("greet").await;
    ana.sees("Some(\"de_DE\") Some(1.0)").await;
}

#[tokio::test]
async fn time_passes_quickly_also_while_a_message_waits_for_control() {
    let scenario = Scenario::with(bot().blocked(Blocked::Wait)).await;
    let ana = scenario.person("Ana");
    ana.says("later").await;
    ana.sees("I will.").await;
    scenario.inbox().takes(&ana).await;
    let began = Instant::now();
    scenario.pass_time(2.hours()).await;
    // At 20 ms for each look it is 480 looks, and ten seconds.
    assert!(began.elapsed() < Duration::from_secs(5), "{began:?}");
    ana.sees_nothing_more().await;
    scenario.inbox().done(&ana).await;
    ana.sees("Later it is.").await;
}

#[tokio::test]
async fn a_message_is_deleted_by_the_account() {
    let scenario = Scenario::with(bot()).await;
    let ana = scenario.person_on(INSTAGRAM, "Ana");
    ana.says("hello").await;
    ana.sees("I am the bot.").await;
    scenario.inbox().deletes(&ana, "I am the bot.").await;
    scenario.inbox().deletes_an_old_message(&ana).await;
    scenario.settles().await;
    assert!(ana.messages().iter().any(|message| message.unsent));
}

#[tokio::test]
async fn the_inbox_answers_by_itself() {
    let scenario = Scenario::builder()
        .platform(|platform| {
            platform
                .zero_config()
                .instant_reply("We will be with you soon.")
                .away_message("We are closed.")
        })
        .bot("bot", bot())
        .start()
        .await;
    for person in [scenario.person("Ana"), scenario.person_on(INSTAGRAM, "Ana")] {
        person.says("hello").await;
        person.sees("We will be with you soon.").await;
        person.sees("We are closed.").await;
        scenario.settles().await;
        let texts: Vec<_> = person
            .messages()
            .iter()
            .flat_map(ChatMessage::texts)
            .collect();
        let automatic = |text: &String| text.starts_with("We ");
        assert_eq!(texts.iter().filter(|text| automatic(text)).count(), 2);
        person.says("hello again").await;
        scenario.settles().await;
        let texts: Vec<_> = person
            .messages()
            .iter()
            .flat_map(ChatMessage::texts)
            .collect();
        assert_eq!(texts.iter().filter(|text| automatic(text)).count(), 2);
    }
}
