//! `pace = "restart"`: the person writes again while the handler works.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use handover::extract::SessionPartData;
use handover::journal::Journal;
use handover::prelude::*;
use handover::testing::{Clock, Scenario};
use handover::{BotState, HistoryLimits, Pace, ThreadKey};
use handover_testkit::PATIENCE;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::json;
use tokio::sync::Semaphore;

use crate::support::bot::RunningBot;
use crate::support::directory::Directory;
use crate::support::platform::{PAGE, PERSON, item, message};
use crate::support::prometheus::Scrape;
use crate::support::watched::Watched;

#[derive(BotState, Clone)]
struct Shared {
    work: Arc<Work>,
}

/// A model that takes its time: until it is let go on.
struct Work {
    begun: Semaphore,
    done: Semaphore,
    dropped: AtomicUsize,
}

impl Work {
    fn new() -> Arc<Self> {
        Arc::new(Self {
            begun: Semaphore::new(0),
            done: Semaphore::new(0),
            dropped: AtomicUsize::new(0),
        })
    }

    async fn think(&self) {
        let mut running = Running(&self.dropped, true);
        self.begun.add_permits(1);
        self.done.acquire().await.unwrap().forget();
        running.1 = false;
    }

    /// Waits until the handler has been called once more.
    async fn begins(&self) {
        let begun = tokio::time::timeout(PATIENCE, self.begun.acquire());
        begun
            .await
            .expect("the handler is called")
            .unwrap()
            .forget();
    }

    fn ends(&self) {
        self.done.add_permits(1);
    }

    fn dropped(&self) -> usize {
        self.dropped.load(Ordering::SeqCst)
    }
}

struct Running<'a>(&'a AtomicUsize, bool);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        if self.1 {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[on_message(pace = "restart")]
async fn think(text: Text, burst: Burst, work: State<Arc<Work>>) -> String {
    work.think().await;
    format!("{}: {}", burst.len(), text.replace('\n', " "))
}

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent() {}

#[on_message(regex = "^[0-9]+$")]
async fn number(text: Text) -> String {
    text.0
}

fn bot(work: &Arc<Work>) -> Bot {
    let state = Shared { work: work.clone() };
    Bot::with_state(state, routes![to_agent, number, think])
}

async fn start() -> (Watched, Arc<Work>) {
    let work = Work::new();
    (Watched::start_with(bot(&work)).await, work)
}

#[tokio::test]
async fn one_call_gets_all_messages() {
    let (watched, work) = start().await;
    for text in ["I", "have", "a question"] {
        watched.bot.platform.says(text).await;
        work.begins().await;
    }
    assert_eq!(work.dropped(), 2);
    work.ends();
    watched.settled().await;
    assert_eq!(watched.called(), ["3: I have a question"]);
    let figures = [
        ("handover_handler_cancelled_total{handler=\"think\"}", 2.0),
        (
            "handover_handler_duration_seconds_count{handler=\"think\"}",
            1.0,
        ),
        ("handover_events_handled_total{kind=\"message\"}", 3.0),
    ];
    Scrape::shows(&watched.bot.operations, &figures).await;
}

#[tokio::test]
async fn a_whole_bot_can_start_over() {
    #[on_message]
    async fn plain(text: Text, work: State<Arc<Work>>) -> String {
        work.think().await;
        text.0
    }

    let work = Work::new();
    let state = Shared { work: work.clone() };
    let bot = Bot::with_state(state, routes![plain]).pace(Pace::Restart);
    let watched = Watched::start_with(bot).await;
    for text in ["1", "2"] {
        watched.bot.platform.says(text).await;
        work.begins().await;
    }
    work.ends();
    watched.settled().await;
    assert_eq!(watched.called(), ["1\n2"]);
}

#[tokio::test]
async fn what_has_been_answered_stays_so() {
    let (watched, work) = start().await;
    for text in ["hello", "again"] {
        watched.bot.platform.says(text).await;
        work.begins().await;
        work.ends();
        watched.settled().await;
    }
    assert_eq!(watched.called(), ["1: hello", "1: again"]);
    assert_eq!(work.dropped(), 0);
}

#[tokio::test]
async fn the_typing_indicator_goes_on() {
    let work = Work::new();
    let watched = Watched::start_with(bot(&work).typing(true)).await;
    for (text, calls) in [("hello", 2), ("there", 4)] {
        watched.bot.platform.says(text).await;
        work.begins().await;
        watched.bot.graph.wait_for_calls(calls).await;
    }
    work.ends();
    watched.settled().await;
    let calls = watched.bot.graph.calls();
    let said: Vec<_> = calls
        .iter()
        .map(|call| {
            let action = call.body["sender_action"].as_str();
            action.or(call.text()).unwrap_or_default()
        })
        .collect();
    assert_eq!(
        said,
        [
            "mark_seen",
            "typing_on",
            "mark_seen",
            "typing_on",
            "2: hello there"
        ]
    );
}

#[tokio::test]
async fn nothing_of_a_dropped_call_is_kept() {
    #[on_message(pace = "restart")]
    async fn count(mut calls: Session<u32>, timers: Timers, work: State<Arc<Work>>) -> String {
        *calls += 1;
        timers.set(
            format!("call {}", work.dropped()),
            Duration::from_secs(3600),
        );
        work.think().await;
        calls.to_string()
    }

    #[on_timer(name = "call 2")]
    async fn of_the_last_call() -> &'static str {
        "later"
    }

    #[on_timer]
    async fn of_a_dropped_call() -> &'static str {
        "never"
    }

    let work = Work::new();
    let state = Shared { work: work.clone() };
    let routes = routes![count, of_the_last_call, of_a_dropped_call];
    let clock = Clock::default();
    let journal = Journal::in_memory(clock.clone());
    let bot = Bot::with_state(state, routes).clock(clock.clone());
    let bot = RunningBot::start_with(bot.journal(journal.clone())).await;
    for text in ["1", "2", "3"] {
        bot.platform.says(text).await;
        work.begins().await;
    }
    work.ends();
    bot.graph.wait_for_calls(1).await;
    clock.advance(Duration::from_secs(7200));
    bot.graph.wait_for_calls(2).await;
    assert_eq!(bot.graph.texts(), ["1", "later"]);
    let thread = ThreadKey::new(PAGE, PERSON);
    let thread = journal.thread(thread).await.unwrap();
    assert_eq!(thread.session, Some(json!(1)));
}

/// The model has charged each call.
#[tokio::test]
async fn what_a_dropped_call_has_used_up_counts() {
    #[derive(Default, serde::Serialize, serde::Deserialize)]
    struct Budget {
        calls: u32,
    }

    impl SessionPartData for Budget {
        const NAME: &str = "budget";
    }

    #[on_message(pace = "restart")]
    async fn spend(
        mut budget: SessionPart<Budget>,
        mut answers: Session<u32>,
        work: State<Arc<Work>>,
    ) -> String {
        budget.store_on_failure();
        budget.calls += 1;
        *answers += 1;
        work.think().await;
        format!("{} calls, {} answers", budget.calls, *answers)
    }

    let work = Work::new();
    let state = Shared { work: work.clone() };
    let watched = Watched::start_with(Bot::with_state(state, routes![spend])).await;
    for text in ["1", "2", "3"] {
        watched.bot.platform.says(text).await;
        work.begins().await;
    }
    work.ends();
    watched.settled().await;
    assert_eq!(watched.called(), ["3 calls, 1 answers"]);
}

/// What the model reads is the whole question, each message once, whatever was begun before.
#[tokio::test]
async fn the_history_of_the_last_call_ends_with_all_messages() {
    #[on_message(pace = "restart")]
    async fn answer(
        history: History,
        graph: Graph,
        sender: Sender,
        work: State<Arc<Work>>,
    ) -> String {
        if history.len() == 1 {
            // It was sent before the call was dropped, so it was said.
            graph.send(&sender).text("One moment.").await.unwrap();
        }
        work.think().await;
        let turns: Vec<_> = history.iter().map(ToString::to_string).collect();
        turns.join(" | ")
    }

    let work = Work::new();
    let state = Shared { work: work.clone() };
    let bot = Bot::with_state(state, routes![answer]).history(HistoryLimits::default());
    let watched = Watched::start_with(bot).await;
    for text in ["I", "have", "a question"] {
        watched.bot.platform.says(text).await;
        work.begins().await;
    }
    work.ends();
    watched.settled().await;
    let called = watched.called();
    let answer = called.last().unwrap();
    let mut turns: Vec<_> = answer.split(" | ").collect();
    turns.retain(|turn| *turn != "One moment.");
    assert_eq!(turns, ["I", "have", "a question"], "{answer}");
    assert!(answer.contains("One moment."), "{answer}");

    watched.bot.platform.says("and another").await;
    work.begins().await;
    work.ends();
    watched.settled().await;
    let called = watched.called();
    let expected = format!("{answer} | {answer} | and another");
    assert_eq!(called.last(), Some(&expected));
}

#[tokio::test]
async fn what_another_handler_takes_waits() {
    let (watched, work) = start().await;
    watched.bot.platform.says("hello").await;
    work.begins().await;
    watched.bot.platform.says("42").await;
    watched.bot.platform.says("there").await;
    work.ends();
    // For the last message, whose turn comes after the number's.
    work.begins().await;
    work.ends();
    watched.settled().await;
    assert_eq!(watched.called(), ["1: hello", "42", "1: there"]);
    assert_eq!(work.dropped(), 0);
}

#[tokio::test]
async fn a_handoff_waits_for_the_answer() {
    let (watched, work) = start().await;
    watched.bot.platform.says("hello").await;
    work.begins().await;
    watched.bot.platform.says("agent").await;
    work.ends();
    watched.bot.graph.wait_for_calls(2).await;
    watched.settled().await;
    assert_eq!(watched.called(), ["1: hello", "pass_thread_control"]);
}

#[tokio::test]
async fn a_read_receipt_changes_nothing() {
    let (watched, work) = start().await;
    watched.bot.platform.says("hello").await;
    work.begins().await;
    let read = item("read", json!({ "watermark": 1 }));
    watched.bot.platform.deliver([read]).await;
    watched.bot.platform.says("there").await;
    work.begins().await;
    work.ends();
    watched.settled().await;
    assert_eq!(watched.called(), ["2: hello there"]);
}

#[tokio::test]
async fn a_second_delivery_changes_nothing() {
    let (watched, work) = start().await;
    let hello = message(PERSON, "hello");
    watched.bot.platform.deliver([hello.clone()]).await;
    work.begins().await;
    watched.bot.platform.deliver([hello]).await;
    work.ends();
    watched.settled().await;
    assert_eq!(watched.called(), ["1: hello"]);
    assert_eq!(work.dropped(), 0);
}

/// More than a thread is given at a time.
#[tokio::test]
async fn no_message_is_too_many() {
    let (watched, work) = start().await;
    let texts: Vec<_> = (0..70).map(|number| format!("no. {number}")).collect();
    let messages = texts.iter().map(|text| message(PERSON, text));
    watched.bot.platform.deliver(messages).await;
    for _ in 0..3 {
        work.begins().await;
    }
    work.ends();
    watched.settled().await;
    assert_eq!(watched.called(), [format!("70: {}", texts.join(" "))]);
}

#[tokio::test]
async fn a_failing_call_is_tried_again_with_all_messages() {
    #[on_message(pace = "restart")]
    async fn moody(burst: Burst, work: State<Arc<Work>>) -> Result<(), &'static str> {
        let _ = burst;
        work.think().await;
        Err("not today")
    }

    let work = Work::new();
    let state = Shared { work: work.clone() };
    let bot = Bot::with_state(state, routes![moody]).retries(0);
    let watched = Watched::start_with(bot).await;
    for text in ["1", "2"] {
        watched.bot.platform.says(text).await;
        work.begins().await;
    }
    work.ends();
    watched.settled().await;
    assert_eq!(watched.dead_letters().await.len(), 2, "none is lost");
}

#[tokio::test]
async fn other_people_are_not_restarted() {
    let (watched, work) = start().await;
    for (person, text) in [("1", "hello"), ("2", "good morning")] {
        watched.bot.platform.deliver([message(person, text)]).await;
        work.begins().await;
    }
    work.ends();
    work.ends();
    watched.settled().await;
    assert_eq!(work.dropped(), 0);
    assert_eq!(watched.called().len(), 2);
}

/// The process ends while the handler works for the second time.
#[tokio::test]
async fn a_bot_that_is_killed_answers_all_of_them_once() {
    let directory = Directory::new();
    let file = directory.path().join("handover.db");
    let work = Work::new();
    let journal = Journal::open(&file).unwrap();
    let before = bot(&work).grace(Duration::ZERO).journal(journal);
    let before = RunningBot::start_with(before).await;
    for text in ["hello", "there"] {
        before.platform.says(text).await;
        work.begins().await;
    }
    before.handle.stop().await;
    assert_eq!(before.graph.calls().len(), 0);

    let journal = Journal::open(&file).unwrap();
    // What the other is left with ends with its process.
    let work = Work::new();
    let after = RunningBot::start_with(bot(&work).journal(journal.clone())).await;
    work.begins().await;
    after.platform.says("again").await;
    work.begins().await;
    work.ends();
    after.graph.wait_for_calls(1).await;
    let texts = after.graph.texts();
    assert_eq!(texts, ["3: hello there again"]);
    assert_eq!(journal.dead_letters().await.unwrap().len(), 0);
}

#[tokio::test]
async fn people_see_one_answer() {
    let work = Work::new();
    let scenario = Scenario::with(bot(&work).typing(true)).await;
    let ana = scenario.person("Ana");
    for text in ["Do you have", "the blue hat", "in my size?"] {
        ana.says(text).await;
        work.begins().await;
    }
    work.ends();
    ana.sees("3: Do you have the blue hat in my size?").await;
    ana.sees_nothing_more().await;
    scenario.bot_owns(&ana).await;
}

/// What happens while the bot works.
#[derive(Clone, Debug)]
enum Step {
    Says(&'static [&'static str]),
    Reads,
    Ends,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    const TEXTS: &[&[&str]] = &[&["a"], &["b", "c"], &["7"], &["d", "8", "e"]];
    let says = proptest::sample::select(TEXTS).prop_map(Step::Says);
    let step = prop_oneof![4 => says, 1 => Just(Step::Reads), 2 => Just(Step::Ends)];
    proptest::collection::vec(step, 1..12)
}

/// Each message is in one answer, and they are in the order in which they were written.
#[test]
fn each_message_is_answered_once_and_in_order() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let mut runner = TestRunner::new(ProptestConfig {
        cases: 24,
        failure_persistence: None,
        ..ProptestConfig::default()
    });
    let every = (steps(), any::<bool>());
    let tried = runner.run(&every, |(steps, durable)| {
        runtime.block_on(play(&steps, durable));
        Ok(())
    });
    tried.unwrap();
}

async fn play(steps: &[Step], durable: bool) {
    let work = Work::new();
    let directory = Directory::new();
    let journal = if durable {
        Journal::open(directory.path().join("handover.db")).unwrap()
    } else {
        Journal::in_memory(Clock::default())
    };
    let running = RunningBot::start_with(bot(&work).journal(journal.clone())).await;
    let mut written = Vec::new();
    for step in steps {
        match step {
            Step::Says(texts) => {
                written.extend_from_slice(texts);
                let messages = texts.iter().map(|text| message(PERSON, text));
                running.platform.deliver(messages).await;
            }
            Step::Reads => {
                let read = item("read", json!({ "watermark": 1 }));
                running.platform.deliver([read]).await;
            }
            Step::Ends => work.ends(),
        }
    }
    // As often as it could be called.
    work.done.add_permits(written.len());
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        let backlog = journal.backlog().await.unwrap();
        if (backlog.events, backlog.calls) == (0, 0) {
            break;
        }
        assert!(tokio::time::Instant::now() < deadline, "{backlog:?}");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let texts = running.graph.texts();
    let mut answered = Vec::new();
    for text in &texts {
        let (_, messages) = text.split_once(": ").unwrap_or(("", text));
        answered.extend(messages.split(' '));
    }
    assert_eq!(answered, written, "{steps:?}: {texts:?}");
    running.handle.stop().await;
}
