//! What `History` gives a handler of the conversation so far.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use handover::HistoryLimits;
use handover::journal::{Journal, Speaker, Turn};
use handover::prelude::*;
use handover::testing::{Clock, Dispatcher, DurationExt, Origin, Scenario, event};
use serde_json::{Value, json};

use crate::support::bot::RunningBot;
use crate::support::directory::Directory;
use crate::support::platform::{APP, PAGE, PAGE_INBOX, PERSON, fresh, item, message};
use crate::support::watched::Watched;

const INSTAGRAM: &str = "17841405793187218";

type Seen = Arc<Mutex<Vec<Vec<Turn>>>>;

/// What handlers were given.
#[derive(Clone, Default, BotState)]
struct Notes {
    seen: Seen,
}

impl Notes {
    /// The history that the last handler was given, a line each.
    fn last(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let last = seen.last().map(|turns| turns.iter().map(line).collect());
        last.unwrap_or_default()
    }

    fn turns(&self) -> Vec<Turn> {
        self.seen.lock().unwrap().last().cloned().unwrap()
    }
}

fn line(turn: &Turn) -> String {
    let who = match turn.speaker {
        Speaker::Person => "person",
        Speaker::Bot => "bot",
        Speaker::Agent => "agent",
        _ => "app",
    };
    format!("{who}: {turn}")
}

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn agent() -> &'static str {
    "A colleague is coming."
}

#[on_message(text = "menu")]
async fn menu() -> Message {
    "Here:".with_buttons([Button::postback("Hats", "HATS")])
}

#[on_message(text = "picture")]
async fn picture() -> Image {
    Image::by_url("https://example.com/hat.png")
}

#[on_message(text = "twice")]
async fn twice() -> (&'static str, &'static str) {
    ("One.", "Two.")
}

#[on_message(text = "past the outbox")]
async fn direct(graph: Graph, sender: Sender) -> Result<(), handover::graph::GraphError> {
    graph.send(&sender).text("Directly.").await.map(drop)
}

#[on_message]
#[on_postback]
#[on_pass_thread_control]
async fn note(history: History, seen: State<Seen>) -> &'static str {
    seen.lock().unwrap().push(history.to_vec());
    "Noted."
}

fn bot() -> (Bot, Notes) {
    let notes = Notes::default();
    let routes = routes![agent, menu, picture, twice, direct, note];
    let bot = Bot::with_state(notes.clone(), routes).history(HistoryLimits::default());
    (bot.retries(0), notes)
}

#[tokio::test]
async fn it_is_what_was_said_in_order_and_ends_with_what_is_handled() {
    for account in [None, Some(INSTAGRAM)] {
        let (bot, notes) = bot();
        let scenario = Scenario::with(bot).await;
        let ana = match account {
            None => scenario.person("Ana"),
            Some(account) => scenario.person_on(account, "Ana"),
        };
        for text in ["hello", "twice", "menu", "past the outbox", "bye"] {
            ana.says(text).await;
            scenario.settles().await;
        }
        let expected = [
            "person: hello",
            "bot: Noted.",
            "person: twice",
            "bot: One.",
            "bot: Two.",
            "person: menu",
            "bot: Here:",
            "person: past the outbox",
            "bot: Directly.",
            "person: bye",
        ];
        assert_eq!(notes.last(), expected, "{account:?}");
        let turns = notes.turns();
        assert!(turns.iter().all(|turn| turn.mid.is_some()), "{turns:#?}");
        assert!(turns.is_sorted_by_key(|turn| turn.at), "{turns:#?}");
    }
}

#[tokio::test]
async fn pictures_and_taps_are_in_it() {
    let (bot, notes) = bot();
    let scenario = Scenario::with(bot).await;
    let ana = scenario.person("Ana");
    ana.says("menu").await;
    ana.sees("Hats").await;
    ana.taps_button("Hats").await;
    scenario.settles().await;
    ana.says("picture").await;
    scenario.settles().await;
    ana.sends("image", "https://example.com/cat.jpg").await;
    scenario.settles().await;
    let expected = [
        "person: menu",
        "bot: Here:",
        "person: Hats",
        "bot: Noted.",
        "person: picture",
        "bot: [image]",
        "person: [image]",
    ];
    assert_eq!(notes.last(), expected);
    let turns = notes.turns();
    let urls = turns.iter().flat_map(|turn| &turn.attachments);
    let urls: Vec<_> = urls.filter_map(|one| one.url.as_deref()).collect();
    assert!(urls.contains(&"https://example.com/hat.png"), "{urls:?}");
    assert!(urls.contains(&"https://example.com/cat.jpg"), "{urls:?}");
}

#[tokio::test]
async fn edits_are_in_it() {
    let (bot, notes) = bot();
    let scenario = Scenario::with(bot).await;
    let ana = scenario.person("Ana");
    ana.says("my adress is Elm Street").await;
    scenario.settles().await;
    ana.edits("my adress is Elm Street", "my address is Oak Street")
        .await;
    scenario.settles().await;
    ana.says("hello").await;
    scenario.settles().await;
    let expected = [
        "person: my address is Oak Street",
        "bot: Noted.",
        "person: hello",
    ];
    assert_eq!(notes.last(), expected);
    assert!(notes.turns()[0].is_edited);
}

#[tokio::test]
async fn messages_that_were_deleted_are_not_in_it() {
    let (bot, notes) = bot();
    let scenario = Scenario::with(bot).await;
    let ana = scenario.person_on(INSTAGRAM, "Ana");
    for text in ["hello", "my secret is 1234"] {
        ana.says(text).await;
        scenario.settles().await;
    }
    ana.unsends("my secret is 1234").await;
    scenario.settles().await;
    ana.says("bye").await;
    scenario.settles().await;
    let expected = ["person: hello", "bot: Noted.", "bot: Noted.", "person: bye"];
    assert_eq!(notes.last(), expected);
}

#[tokio::test]
async fn human_agents_are_in_it_and_handback_has_their_part() {
    #[on_pass_thread_control]
    async fn back(handback: Handback, history: History, seen: State<Seen>) -> String {
        seen.lock().unwrap().push(history.to_vec());
        let turns = handback.history.iter().map(line);
        turns.collect::<Vec<_>>().join(" / ")
    }

    let notes = Notes::default();
    let routes = routes![agent, back, note];
    let bot = Bot::with_state(notes.clone(), routes).history(HistoryLimits::default());
    let scenario = Scenario::with(bot).await;
    let ana = scenario.person("Ana");
    ana.says("hello").await;
    scenario.settles().await;
    for _ in 0..2 {
        ana.says("agent").await;
        scenario.inbox().sees(&ana).await;
        scenario.settles().await;
        ana.says("my order is late").await;
        scenario.settles().await;
        scenario.inbox().replies(&ana, "I sent it again").await;
        scenario.settles().await;
        scenario.inbox().done(&ana).await;
        ana.sees("person: my order is late / agent: I sent it again")
            .await;
        scenario.settles().await;
    }
    let stretch = [
        "person: agent",
        "bot: A colleague is coming.",
        "person: my order is late",
        "agent: I sent it again",
    ];
    let seen = notes.last();
    assert_eq!(seen[..2], ["person: hello", "bot: Noted."]);
    assert_eq!(seen[2..6], stretch);
    assert_eq!(seen[7..], stretch);
    let turns = notes.turns();
    assert_eq!(turns[5].app, Some(PAGE_INBOX.into()));
}

#[tokio::test]
async fn humans_beside_the_bot_are_in_it_without_an_app_on_instagram() {
    let (bot, notes) = bot();
    let builder = Scenario::builder().platform(handover_sim::SimulatorBuilder::zero_config);
    let scenario = builder.bot("bot", bot).start().await;
    let ana = scenario.person_on(INSTAGRAM, "Ana");
    for text in ["good morning", "hello"] {
        ana.says(text).await;
        scenario.settles().await;
    }
    scenario.pass_time(1.minutes()).await;
    scenario
        .inbox()
        .says_as(&ana, "Ben here.", Origin::Inbox)
        .await;
    scenario.settles().await;
    ana.says("hi Ben").await;
    scenario.pass_time(31.minutes()).await;
    ana.says("anybody?").await;
    scenario.settles().await;
    let expected = [
        "person: good morning",
        "bot: Noted.",
        "person: hello",
        "bot: Noted.",
        "agent: Ben here.",
        "person: hi Ben",
        "person: anybody?",
    ];
    assert_eq!(notes.last(), expected);
}

/// What an app of the Page said.
fn app_says(app: Option<u64>, text: &str) -> Value {
    let content =
        json!({ "mid": format!("m_{}", fresh()), "is_echo": true, "app_id": app, "text": text });
    let mut echo = item("message", content);
    let (sender, recipient) = (echo["sender"].take(), echo["recipient"].take());
    (echo["sender"], echo["recipient"]) = (recipient, sender);
    echo
}

#[tokio::test]
async fn other_apps_are_in_it_with_their_ids() {
    let (bot, notes) = bot();
    let bot = bot.human_apps([777]).pause_on_human_reply(Duration::ZERO);
    let watched = Watched::start_with(bot).await;
    let platform = &watched.bot.platform;
    platform.says("hello").await;
    watched.settled().await;
    let echoes = [
        app_says(Some(777), "The desk."),
        app_says(Some(888), "The newsletter."),
        // The bot's own, from another process of its app.
        app_says(Some(APP), "Another process."),
    ];
    platform.deliver(echoes.clone()).await;
    platform.deliver(echoes).await;
    watched.settled().await;
    platform.says("hello").await;
    watched.settled().await;
    let expected = [
        "person: hello",
        "bot: Noted.",
        "bot: Another process.",
        "agent: The desk.",
        "app: The newsletter.",
        "person: hello",
    ];
    let mut noted = notes.last();
    noted[2..5].sort();
    let mut sorted = expected.map(str::to_owned);
    sorted[2..5].sort();
    assert_eq!(noted, sorted);
    let turns = notes.turns();
    let app = turns
        .iter()
        .find(|turn| turn.speaker == Speaker::App)
        .unwrap();
    assert_eq!(app.app, Some(888_u64.into()));
}

#[tokio::test]
async fn it_holds_what_was_sent_and_not_what_was_intended() {
    let (bot, notes) = bot();
    let watched = Watched::start_with(bot).await;
    let (platform, graph) = (&watched.bot.platform, &watched.bot.graph);
    graph.next_answer(
        400,
        json!({ "error": { "message": "no matching user", "code": 100, "error_subcode": 2_018_001, "fbtrace_id": "A" } }),
    );
    platform.says("hello").await;
    watched.settled().await;
    platform.says("still there?").await;
    watched.settled().await;
    assert_eq!(notes.last(), ["person: hello", "person: still there?"]);
}

#[tokio::test]
async fn a_handler_that_fails_is_told_once_what_was_said() {
    #[on_message(text = "fail")]
    async fn fails(history: History, seen: State<Seen>) -> Result<&'static str, &'static str> {
        let mut seen = seen.lock().unwrap();
        seen.push(history.to_vec());
        if seen.len() < 2 {
            Err("at first")
        } else {
            Ok("Now.")
        }
    }

    let notes = Notes::default();
    let bot = Bot::with_state(notes.clone(), routes![fails]).history(HistoryLimits::default());
    let clock = Clock::default();
    let journal = Journal::in_memory(clock.clone());
    let bot = bot.journal(journal.clone()).clock(clock.clone());
    let bot = RunningBot::start_with(bot).await;
    bot.platform.says("fail").await;
    crate::support::wait::until("it has failed", async || {
        clock.advance(Duration::from_secs(10));
        let seen = notes.seen.lock().unwrap().len();
        if seen == 2 {
            Ok(())
        } else {
            Err(format!("{seen} calls"))
        }
    })
    .await;
    assert_eq!(notes.last(), ["person: fail"]);
}

#[tokio::test]
async fn it_is_bounded_by_turns_and_by_time() {
    let notes = Notes::default();
    let limits = HistoryLimits::default().turns(4).keep(2.days());
    let bot = Bot::with_state(notes.clone(), routes![note]).history(limits);
    let scenario = Scenario::with(bot).await;
    let ana = scenario.person("Ana");
    for text in ["one", "two", "three"] {
        ana.says(text).await;
        scenario.settles().await;
    }
    let expected = ["bot: Noted.", "person: two", "bot: Noted.", "person: three"];
    assert_eq!(notes.last(), expected);
    scenario.pass_time(3.days()).await;
    ana.says("four").await;
    scenario.settles().await;
    assert_eq!(notes.last(), ["person: four"]);
}

#[tokio::test]
async fn it_is_there_after_a_restart() {
    let directory = Directory::new();
    let file = directory.path().join("handover.db");
    let (bot, _) = bot();
    let bot = RunningBot::start_with(bot.journal(Journal::open(&file).unwrap())).await;
    bot.platform.says("hello").await;
    bot.graph.wait_for_calls(1).await;
    bot.handle.stop().await;

    let (bot, notes) = self::bot();
    let journal = Journal::open(&file).unwrap();
    let bot = RunningBot::start_with(bot.journal(journal)).await;
    bot.platform.says("again").await;
    bot.graph.wait_for_calls(1).await;
    assert_eq!(
        notes.last(),
        ["person: hello", "bot: Noted.", "person: again"]
    );
}

#[tokio::test]
async fn every_message_of_a_burst_is_in_it() {
    #[on_message(pace = "latest")]
    async fn latest(history: History, seen: State<Seen>) {
        seen.lock().unwrap().push(history.to_vec());
    }

    let notes = Notes::default();
    let bot = Bot::with_state(notes.clone(), routes![latest]).history(HistoryLimits::default());
    let watched = Watched::start_with(bot).await;
    let items = ["one", "two", "three"].map(|text| message(PERSON, text));
    watched.bot.platform.deliver(items).await;
    watched.settled().await;
    assert_eq!(
        notes.last(),
        ["person: one", "person: two", "person: three"]
    );
    assert_eq!(notes.seen.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_bot_that_keeps_none_does_not_start_with_a_handler_that_takes_it() {
    for limits in [None, Some(HistoryLimits::none())] {
        let mut bot = Bot::with_state(Notes::default(), routes![note]);
        if let Some(limits) = limits {
            bot = bot.history(limits);
        }
        let graph = handover_testkit::graph::GraphStub::start().await;
        let config = crate::support::bot::config(&graph);
        let error = bot.config(config).into_parts().unwrap_err().to_string();
        assert!(
            error.contains("`History`") && error.contains("Bot::history"),
            "{error}"
        );
    }
}

#[tokio::test]
async fn without_a_history_only_the_human_stretch_is_kept_until_it_was_heard_of() {
    #[on_message]
    async fn hello() -> &'static str {
        "Hello!"
    }
    #[on_pass_thread_control]
    async fn back(_handback: Handback) {}

    let watched = Watched::start(routes![agent, hello, back]).await;
    let platform = &watched.bot.platform;
    let kept = async || {
        let thread = watched.thread().await;
        thread.history().map(line).collect::<Vec<_>>()
    };
    platform.says("hello").await;
    watched.settled().await;
    assert!(kept().await.is_empty());
    platform.says("agent").await;
    watched.settled().await;
    let overheard = [
        message(PERSON, "my order is late"),
        app_says(Some(PAGE_INBOX), "I see"),
    ];
    platform.deliver_on_standby(overheard).await;
    watched.settled().await;
    assert_eq!(kept().await, ["person: my order is late", "agent: I see"]);
    platform.passes_back(None).await;
    watched.settled().await;
    platform.says("hello").await;
    watched.settled().await;
    assert!(kept().await.is_empty());
    assert_eq!(
        watched.thread().await.ownership().owner,
        handover::Owner::Bot
    );
    let _ = PAGE;
}

/// 20 000 characters are kept of a message, however many bytes they take.
#[tokio::test]
async fn a_very_long_text_is_cut() {
    let (bot, notes) = bot();
    let mut bot = Dispatcher::new(bot).unwrap();
    let _ = bot.dispatch(event::message("é".repeat(20_001))).await;
    assert_eq!(notes.turns()[0].text, "é".repeat(20_000));
    let _ = bot.dispatch(event::message("é".repeat(20_000))).await;
    assert_eq!(notes.turns()[2].text, "é".repeat(20_000));
}

#[tokio::test]
async fn a_test_of_single_events_has_a_history() {
    let (bot, notes) = bot();
    let mut bot = Dispatcher::new(bot).unwrap();
    for text in ["hello", "again"] {
        let _ = bot.dispatch(event::message(text)).await;
    }
    assert_eq!(
        notes.last(),
        ["person: hello", "bot: Noted.", "person: again"]
    );
}

#[tokio::test]
async fn a_text_that_is_repeated_within_a_millisecond_is_in_it_each_time() {
    const TIMES: usize = 20;

    let (bot, notes) = bot();
    let mut bot = Dispatcher::new(bot).unwrap();
    for _ in 0..TIMES {
        let _ = bot.dispatch(event::message("hello")).await;
    }
    assert_eq!(notes.turns().len(), 2 * TIMES - 1);
}
