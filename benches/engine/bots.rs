//! Bots made with `handover`.

use handover::prelude::*;
use handover::{Config, SendRate, Store};

pub(crate) const PAGE: &str = "1744550565845823";
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";

/// Repeats what it hears, but for messages that ask for silence.
#[on_message(text = "silence")]
async fn silent() {}

#[on_message]
async fn echo(text: Text) -> String {
    text.0
}

/// Serves until it is killed.
pub(crate) fn serve(graph: &str, store: &str) {
    crate::runtime().block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        // The platform's limit for one Page is far below what is measured here.
        let rate = SendRate::default().messages(u32::MAX);
        let bot = Bot::new(routes![silent, echo]).send_rate(rate);
        let bot = bot.config(config(graph, store.parse().unwrap()));
        handover_runtime::serve(bot, listener).await.unwrap();
    });
}

pub(crate) fn config(graph: &str, store: Store) -> Config {
    Config::new(PAGE, "1517776481860111")
        .access_token("token")
        .app_secret(SECRET)
        .verify_token("verify")
        .graph_url(graph.parse().unwrap())
        .store(store)
}
