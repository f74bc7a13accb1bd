//! More events than the bot can answer.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use handover::BotState;
use handover::prelude::*;
use handover::{Config, Store};
use handover_testkit::graph::GraphStub;
use handover_testkit::http;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::{environment, post};
use crate::support::bot::{RunningBot, config};
use crate::support::directory::Directory;
use crate::support::example::Example;
use crate::support::platform::message;
use crate::support::wait::until;

/// What the platform lets a Page send in a second, so that no bot answers more.
const SUSTAINABLE: u64 = 300;

/// Events in a webhook.
const IN_A_BODY: usize = 10;

/// After this, something must have been refused.
const LONGEST: Duration = Duration::from_secs(60);

/// How much more memory the bot may take than before the load, in MiB.
const CEILING: u64 = 128;

struct Load {
    posted: usize,
    refused: usize,
    acknowledged: Vec<String>,
}

/// Posts ten times what the bot can answer for so long, from several connections; longer if the machine is
/// too busy for that, until some are refused.
async fn ten_times(webhook: &str, time: Duration, until_refused: bool) -> Load {
    // Webhooks that arrive together are stored in one commit, so more connections bring more events.
    const CONNECTIONS: usize = 64;
    let next = Arc::new(AtomicUsize::new(0));
    let is_refused = Arc::new(AtomicBool::new(!until_refused));
    let began = Instant::now();
    let mut clients = Vec::new();
    for _ in 0..CONNECTIONS {
        let (next, webhook) = (next.clone(), webhook.to_owned());
        let is_refused = is_refused.clone();
        clients.push(tokio::spawn(async move {
            let client = http::Client::new();
            let mut load = Load {
                posted: 0,
                refused: 0,
                acknowledged: Vec::new(),
            };
            let goes_on = || {
                let passed = began.elapsed();
                passed < time || (passed < LONGEST.max(time) && !is_refused.load(Ordering::Relaxed))
            };
            while goes_on() {
                let first = next.fetch_add(IN_A_BODY, Ordering::Relaxed);
                let due = Duration::from_secs_f64(first as f64 / (10 * SUSTAINABLE) as f64);
                tokio::time::sleep_until(began + due).await;
                // Each of another person, so that none waits for an earlier one.
                let numbers = first..first + IN_A_BODY;
                let items: Vec<_> = numbers
                    .clone()
                    .map(|number| message(&(10_000 + number).to_string(), &number.to_string()))
                    .collect();
                load.posted += IN_A_BODY;
                match post(&client, &webhook, &items).await {
                    (200, _) => load.acknowledged.extend(numbers.map(|it| it.to_string())),
                    (503, Some(after)) if after == "1" => {
                        load.refused += IN_A_BODY;
                        is_refused.store(true, Ordering::Relaxed);
                    }
                    other => panic!("{other:?}"),
                }
            }
            load
        }));
    }
    let mut all = Load {
        posted: 0,
        refused: 0,
        acknowledged: Vec::new(),
    };
    for client in clients {
        let load = client.await.unwrap();
        all.posted += load.posted;
        all.refused += load.refused;
        all.acknowledged.extend(load.acknowledged);
    }
    all
}

/// Sheds before memory grows, and answers each that it acknowledged, once.
async fn survives(time: Duration, waiting_limit: usize) {
    let graph = GraphStub::start().await;
    let directory = Arc::new(Directory::new());
    let mut variables = environment(&graph);
    variables.push(("HANDOVER_WAITING_LIMIT", waiting_limit.to_string()));
    let mut bot = Example::start_in(&directory, "live_chat", &variables);
    let webhook = bot.webhook();
    let before = bot.peak_memory();
    let load = ten_times(&webhook, time, true).await;
    let (posted, refused) = (load.posted, load.refused);
    let acknowledged = load.acknowledged.len();
    assert!(refused > 0, "{posted} came, and all were taken");
    assert!(acknowledged >= waiting_limit, "only {acknowledged} were");
    let drains = Duration::from_secs(acknowledged as u64 / SUSTAINABLE * 3 + 60);
    let deadline = Instant::now() + drains;
    let answers = loop {
        let texts = graph.texts();
        if texts.len() >= acknowledged {
            break texts;
        }
        let sent = texts.len();
        assert!(
            Instant::now() < deadline,
            "{sent} of {acknowledged} are answered"
        );
        tokio::time::sleep(Duration::from_millis(250)).await;
    };
    let memory = bot.peak_memory();
    println!(
        "of {posted} events in {time:?}, {refused} were refused and {acknowledged} answered; \
         memory was {before} MiB before, {memory} MiB at most"
    );
    let answered: HashSet<_> = answers.iter().collect();
    assert_eq!(answered.len(), answers.len(), "one was answered twice");
    for text in &load.acknowledged {
        let answer = format!("You said: {text}");
        assert!(answered.contains(&answer), "{text} was acknowledged");
    }
    assert!(
        memory - before <= CEILING,
        "from {before} to {memory} MiB of memory"
    );
    assert!(bot.stop().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_times_as_much_as_can_be_answered_is_refused_and_the_rest_answered() {
    survives(Duration::from_secs(5), 300).await;
}

/// `cargo test -p handover-tests overload::load::for_a_minute -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; its figures are in docs/security.md"]
async fn for_a_minute() {
    survives(Duration::from_secs(60), 20_000).await;
}

/// What each event that waits takes, while the Graph API is away.
///
/// `cargo test -p handover-tests overload::load::what_waits -- --ignored --nocapture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes; its figures are in docs/security.md"]
async fn what_waits() {
    let graph = GraphStub::start().await;
    graph.hold();
    let directory = Arc::new(Directory::new());
    let mut bot = Example::start_in(&directory, "live_chat", &environment(&graph));
    let webhook = bot.webhook();
    for minute in 0..4 {
        let load = ten_times(&webhook, Duration::from_secs(15), false).await;
        println!(
            "{minute}: {} more events, {} MiB",
            load.acknowledged.len(),
            bot.peak_memory()
        );
    }
    graph.let_go();
}

#[derive(BotState)]
struct Heard {
    numbers: Arc<Mutex<Vec<usize>>>,
}

/// Notes what it has heard, and answers the other person.
#[on_message]
async fn listen(text: Text, heard: State<Arc<Mutex<Vec<usize>>>>) -> Option<&'static str> {
    match text.parse() {
        Ok(number) => {
            heard.lock().await.push(number);
            None
        }
        Err(_) => Some("Hello!"),
    }
}

fn in_a_file(graph: &GraphStub, directory: &Directory) -> Config {
    let path = directory.path().join("handover.db");
    config(graph).store(Store::Sqlite(path))
}

/// They are handled in order, and nobody else waits for them.
#[tokio::test(flavor = "multi_thread")]
async fn a_thread_with_ten_thousand_events_keeps_nobody_else_waiting() {
    const EVENTS: usize = 10_000;
    let graph = GraphStub::start().await;
    let directory = Directory::new();
    let numbers = Arc::new(Mutex::new(Vec::new()));
    let state = Heard {
        numbers: numbers.clone(),
    };
    let bot = Bot::with_state(state, routes![listen]).config(in_a_file(&graph, &directory));
    let bot = RunningBot::serve(bot, graph).await;
    let events: Vec<_> = (0..EVENTS).collect();
    for some in events.chunks(500) {
        let items = some.iter().map(|number| message("77", &number.to_string()));
        bot.platform.deliver(items).await;
    }
    let waiting = EVENTS - numbers.lock().await.len();
    let began = Instant::now();
    bot.platform.deliver([message("78", "hello")]).await;
    bot.graph.wait_for_calls(1).await;
    let took = began.elapsed();
    println!("answered after {took:?}, with {waiting} waiting in the other thread");
    // However slow the machine is, the other thread is not through by then.
    let is_through = numbers.lock().await.len() == EVENTS;
    assert!(took < Duration::from_secs(2) || !is_through, "{took:?}");
    // Each is a commit with a sync, so all of them take too long for a test.
    until("some hundred are handled", async || {
        let handled = numbers.lock().await.len();
        (handled >= 300).then_some(()).ok_or(handled.to_string())
    })
    .await;
    let handled = numbers.lock().await.clone();
    assert_eq!(handled, events[..handled.len()]);
}

const AT_ONCE: usize = 4;
const MIB: usize = 1024 * 1024;

#[derive(BotState)]
struct Workshop {
    at_work: Arc<AtMost>,
}

#[derive(Default)]
struct AtMost {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// Takes 8 MiB while it works.
#[on_message]
async fn resize(at_work: State<Arc<AtMost>>) -> &'static str {
    let picture = vec![1_u8; 8 * MIB];
    let now = at_work.now.fetch_add(1, Ordering::SeqCst) + 1;
    at_work.most.fetch_max(now, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(20)).await;
    at_work.now.fetch_sub(1, Ordering::SeqCst);
    if picture.iter().all(|byte| *byte == 1) {
        "Here it is, in small."
    } else {
        "It is broken."
    }
}

/// Memory of handlers is that of `threads_at_once` of them.
#[tokio::test(flavor = "multi_thread")]
async fn handlers_that_allocate_run_a_few_at_once() {
    const PEOPLE: usize = 60;
    let graph = GraphStub::start().await;
    let at_work = Arc::new(AtMost::default());
    let state = Workshop {
        at_work: at_work.clone(),
    };
    let bot = Bot::with_state(state, routes![resize])
        .threads_at_once(AT_ONCE)
        .config(config(&graph));
    let bot = RunningBot::serve(bot, graph).await;
    let items = (0..PEOPLE).map(|person| message(&(100 + person).to_string(), "a picture"));
    bot.platform.deliver(items).await;
    until("all are answered", async || match bot.graph.calls().len() {
        PEOPLE => Ok(()),
        other => Err(format!("{other} answers")),
    })
    .await;
    let most = at_work.most.load(Ordering::SeqCst);
    assert!((2..=AT_ONCE).contains(&most), "{most} at once");
}
