//! A bot inside the test, between a hand-written platform and a recording Graph API.

use std::net::SocketAddr;

use axum::Router;
use handover::{Bot, BotHandle, Config, Routes, Store};
use tokio::net::TcpListener;

use super::platform::{ACCESS_TOKEN, APP, PAGE, Platform, SECRET, VERIFY_TOKEN};
use handover_testkit::graph::GraphStub;

/// A bot that is being served on loopback until the test ends.
pub(crate) struct RunningBot {
    pub(crate) webhook: String,
    /// Where `/readyz` and `/metrics` are.
    pub(crate) operations: String,
    pub(crate) platform: Platform,
    pub(crate) graph: GraphStub,
    pub(crate) handle: BotHandle,
}

impl RunningBot {
    /// A bot that calls no failed handler again.
    pub(crate) async fn start(routes: Routes) -> Self {
        Self::start_with(Bot::new(routes).retries(0)).await
    }

    pub(crate) async fn start_with(bot: Bot) -> Self {
        let graph = GraphStub::start().await;
        let bot = bot.config(config(&graph));
        Self::serve(bot, graph).await
    }

    /// A bot that is configured for this Graph API.
    pub(crate) async fn serve(bot: Bot, graph: GraphStub) -> Self {
        let (public, handle) = bot.into_parts().expect("the bot starts");
        let webhook = format!("http://{}/webhook", serve(public).await);
        Self {
            platform: Platform::new(&webhook),
            webhook,
            operations: format!("http://{}", serve(handle.operations()).await),
            graph,
            handle,
        }
    }
}

/// Serves it at a free port until the test ends.
pub(crate) async fn serve(router: Router) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

pub(crate) fn config(graph: &GraphStub) -> Config {
    Config::new(PAGE, APP)
        .access_token(ACCESS_TOKEN)
        .app_secret(SECRET)
        .verify_token(VERIFY_TOKEN)
        .graph_url(graph.url().parse().unwrap())
        .store(Store::Memory)
}
