//! A simulator whose bot is the test itself.

use axum::Router;
use axum::extract::RawQuery;
use axum::routing::get;
use handover_sim::{Person, SimulatedApp, Simulator, SimulatorBuilder};
use handover_testkit::http;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub(crate) const BOT: &str = "1517776481860111";
pub(crate) const SHOP: &str = "2262510160704936";
pub(crate) const PAGE: &str = "1744550565845823";

const TOKEN: &str = "the bot's token";

/// A running simulator, and a bot that says what the test says.
pub(crate) struct PlayedBot {
    pub(crate) sim: Simulator,
    client: http::Client,
}

impl PlayedBot {
    /// A bot that gets every event.
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        listen(listener);
        let app = app().webhook(format!("http://{address}/webhook"));
        Self::on(Simulator::builder().app(app)).await
    }

    pub(crate) async fn on(builder: SimulatorBuilder) -> Self {
        Self {
            sim: builder.start().await.expect("the simulator starts"),
            client: http::Client::new(),
        }
    }

    pub(crate) fn page(&self) -> String {
        self.sim.page_url()
    }

    /// Sends the message. The answer is the HTTP status, unless the connection was cut.
    pub(crate) async fn sends(&self, person: &Person, message: Value) -> Option<u16> {
        let request = json!({
            "recipient": {"id": person.id()},
            "messaging_type": "RESPONSE",
            "message": message,
        });
        self.calls("messages", request).await
    }

    pub(crate) async fn calls(&self, edge: &str, request: Value) -> Option<u16> {
        let url = format!("{}/v26.0/me/{edge}", self.sim.graph_url());
        let call = self.client.post(url).bearer_auth(TOKEN).json(&request);
        Some(call.send().await.ok()?.status().as_u16())
    }
}

/// The app behind [`PlayedBot::sends`], without a webhook.
pub(crate) fn app() -> SimulatedApp {
    SimulatedApp::new(BOT, "Bot").token(TOKEN)
}

/// Answers every webhook that comes here, until the test ends.
pub(crate) fn listen(listener: TcpListener) -> JoinHandle<std::io::Result<()>> {
    let verify = async |RawQuery(query): RawQuery| {
        let asked = query.unwrap_or_default();
        let mut parts = asked.split('&');
        let challenge = parts.find_map(|part| part.strip_prefix("hub.challenge="));
        challenge.unwrap_or_default().to_owned()
    };
    let webhook = get(verify).post(async || "EVENT_RECEIVED");
    let router = Router::new().route("/webhook", webhook);
    tokio::spawn(async move { axum::serve(listener, router).await })
}
