//! A bot inside the test, between a hand-written platform and a recording Graph API.

use handover::{Bot, Config, Routes, Store};

use super::platform::{ACCESS_TOKEN, APP, PAGE, Platform, SECRET, VERIFY_TOKEN};
use super::stub::GraphStub;

/// A bot that is being served on loopback until the test ends.
pub(crate) struct RunningBot {
    pub(crate) webhook: String,
    pub(crate) platform: Platform,
    pub(crate) graph: GraphStub,
}

impl RunningBot {
    /// A bot that calls no failed handler again.
    pub(crate) async fn start(routes: Routes) -> Self {
        Self::start_with(Bot::new(routes).retries(0)).await
    }

    pub(crate) async fn start_with<S: Send + Sync + 'static>(bot: Bot<S>) -> Self {
        let graph = GraphStub::start().await;
        let router = bot
            .config(config(&graph))
            .into_router()
            .expect("the bot starts");
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let webhook = format!("http://{}/webhook", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self {
            platform: Platform::new(&webhook),
            webhook,
            graph,
        }
    }
}

pub(crate) fn config(graph: &GraphStub) -> Config {
    Config::new(PAGE, APP)
        .access_token(ACCESS_TOKEN)
        .app_secret(SECRET)
        .verify_token(VERIFY_TOKEN)
        .graph_url(graph.url().parse().unwrap())
        .store(Store::Memory)
}
