//! Timers that run out while a handler of their thread is at work.

use std::time::Duration;

use crate::support::bot::RunningBot;
use crate::support::directory::Directory;
use crate::support::gate::{Gate, Gated};
use crate::support::prometheus::Scrape;
use crate::support::wait::until;
use handover::journal::{Journal, Retention};
use handover::prelude::*;
use handover::testing::Clock;

#[on_message(text = "remind me")]
async fn remind() -> Timer {
    Timer::after("reminder", Duration::from_secs(10))
}

#[on_message(text = "stop")]
async fn stop(gate: State<Gate>) -> (&'static str, Timer) {
    gate.passed().await;
    ("I stopped.", Timer::cancel("reminder"))
}

#[on_message(text = "later")]
async fn later(gate: State<Gate>) -> (&'static str, Timer) {
    gate.passed().await;
    (
        "Later, then.",
        Timer::after("reminder", Duration::from_secs(3600)),
    )
}

#[on_timer(name = "reminder")]
async fn reminded() -> &'static str {
    "Is it a better time now?"
}

/// The timer runs out while the handler of this text is at work. Gives what was said once all is done, and an hour
/// later.
async fn said(journal: Journal, clock: Clock, text: &str) -> [Vec<String>; 2] {
    let gate = Gate::default();
    let state = Gated { gate: gate.clone() };
    let bot = Bot::with_state(state, routes![remind, stop, later, reminded]);
    let bot = bot.clock(clock.clone()).journal(journal.clone());
    let bot = RunningBot::start_with(bot).await;
    let events_are = async |count: usize| {
        until(&format!("{count} events wait"), async || {
            let backlog = journal.backlog().await.unwrap();
            let is_so = backlog.events == count && backlog.calls == 0;
            is_so.then_some(()).ok_or(format!("{backlog:?}"))
        })
        .await;
    };
    bot.platform.says("remind me").await;
    events_are(0).await;
    bot.platform.says(text).await;
    gate.reached().await;
    clock.advance(Duration::from_secs(60));
    events_are(2).await;
    gate.open_for(1);
    events_are(0).await;
    let counted = [("handover_events_superseded_total{kind=\"timer\"}", 1.0)];
    Scrape::shows(&bot.operations, &counted).await;
    let at_once = bot.graph.texts();
    clock.advance(Duration::from_secs(3600));
    if text == "later" {
        bot.graph.wait_for_calls(2).await;
    }
    events_are(0).await;
    [at_once, bot.graph.texts()]
}

#[tokio::test]
async fn one_that_is_changed_after_it_ran_out_is_changed_all_the_same() {
    let directory = Directory::new();
    for text in ["stop", "later"] {
        let clock = Clock::default();
        let file = directory.path().join(text);
        let stored = Journal::open_with_retention(file, Retention::default(), clock.clone());
        for journal in [Journal::in_memory(clock.clone()), stored.unwrap()] {
            let [at_once, then] = said(journal, clock.clone(), text).await;
            match text {
                "stop" => assert_eq!([at_once, then], [["I stopped."], ["I stopped."]]),
                _ => {
                    assert_eq!(at_once, ["Later, then."]);
                    assert_eq!(then[1..], ["Is it a better time now?"]);
                }
            }
        }
    }
}
