//! The bot with `handover`.

use handover::prelude::*;
use handover::{Config, SendRate};
use serde::{Deserialize, Serialize};

use super::{FAREWELL, PAGE, SECRET, TOKEN, socket};

/// Hands over whoever asks for it.
#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent() -> &'static str {
    FAREWELL
}

/// Repeats what it hears.
#[on_message]
async fn echo(text: Text) -> String {
    text.0
}

/// What another program reports.
#[derive(Signal, Serialize, Deserialize)]
struct Shipped {
    order: u64,
}

/// Remembers an order, and says nothing.
#[on_signal]
async fn shipped(signal: Signal<Shipped>, mut orders: Session<Vec<u64>>) {
    orders.push(signal.order);
}

pub(super) async fn serve(graph: &str, store: &str) {
    // The platform's limit for one Page is far below what is measured here.
    let rate = SendRate::default().messages(u32::MAX);
    let bot = Bot::new(routes![to_agent, echo]).send_rate(rate);
    let bot = bot.config(config(graph, store));
    handover_runtime::serve(bot, socket(), None).await.unwrap();
}

/// Serves the operations port, where signals come in.
pub(super) async fn serve_signals(graph: &str, store: &str) {
    let config = config(graph, store).api_tokens([TOKEN]);
    let (_, handle) = Bot::new(routes![shipped])
        .config(config)
        .into_parts()
        .unwrap();
    axum::serve(socket(), handle.operations()).await.unwrap();
}

fn config(graph: &str, store: &str) -> Config {
    Config::new(PAGE, "1517776481860111")
        .access_token(TOKEN)
        .app_secret(SECRET)
        .verify_token("verify")
        .graph_url(graph.parse().unwrap())
        .store(store.parse().unwrap())
}
