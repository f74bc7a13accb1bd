//! How handlers are called.

use std::sync::Arc;

use handover::BotState;
use handover::prelude::*;
use tokio::sync::Barrier;

use crate::support::bot::RunningBot;
use crate::support::platform::message;
use crate::support::wait::until;

const PEOPLE: usize = 1000;

#[derive(BotState)]
struct Model {
    everybody: Arc<Barrier>,
}

/// Answers when all have asked.
#[on_message]
async fn ask(everybody: State<Arc<Barrier>>) -> &'static str {
    everybody.wait().await;
    "We have all waited together."
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_people_wait_for_a_slow_service_at_once() {
    let everybody = Arc::new(Barrier::new(PEOPLE));
    let bot = Bot::with_state(Model { everybody }, routes![ask]);
    let bot = RunningBot::start_with(bot).await;
    let people: Vec<_> = (0..PEOPLE)
        .map(|number| format!("person-{number}"))
        .collect();
    for some in people.chunks(100) {
        let messages = some.iter().map(|person| message(person, "hello"));
        bot.platform.deliver(messages).await;
    }
    until("all are answered", async || match bot.graph.calls().len() {
        PEOPLE => Ok(()),
        other => Err(format!("{other} answers")),
    })
    .await;
}
