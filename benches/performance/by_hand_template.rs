//! What the template does first, by hand: verification, signature, one answer. Nothing is kept, no
//! thread is handed over.

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Router, serve};
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;
use tokio::net::TcpListener;

#[derive(Clone)]
struct Bot {
    graph: reqwest::Client,
    page: String,
    access_token: String,
    app_secret: String,
    verify_token: String,
}

#[derive(Deserialize)]
struct Verification {
    #[serde(rename = "hub.verify_token")]
    token: String,
    #[serde(rename = "hub.challenge")]
    challenge: String,
}

#[derive(Deserialize)]
struct Webhook {
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    messaging: Vec<Messaging>,
}

#[derive(Deserialize)]
struct Messaging {
    sender: Party,
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Party {
    id: String,
}

#[derive(Deserialize)]
struct Message {
    text: Option<String>,
    #[serde(default)]
    is_echo: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let bot = Bot {
        graph: reqwest::Client::new(),
        page: std::env::var("MESSENGER_PAGE_ID")?,
        access_token: std::env::var("MESSENGER_ACCESS_TOKEN")?,
        app_secret: std::env::var("MESSENGER_APP_SECRET")?,
        verify_token: std::env::var("MESSENGER_VERIFY_TOKEN")?,
    };
    let router = Router::new()
        .route("/webhook", get(verify).post(receive))
        .with_state(bot);
    serve(TcpListener::bind("0.0.0.0:8080").await?, router).await?;
    Ok(())
}

async fn verify(
    State(bot): State<Bot>,
    Query(asked): Query<Verification>,
) -> Result<String, StatusCode> {
    let is_ours = asked.token == bot.verify_token;
    is_ours
        .then_some(asked.challenge)
        .ok_or(StatusCode::FORBIDDEN)
}

async fn receive(
    State(bot): State<Bot>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<&'static str, StatusCode> {
    let signature = headers.get("x-hub-signature-256");
    let signature = signature.and_then(|value| value.to_str().ok()?.strip_prefix("sha256="));
    let signature = signature.and_then(|value| hex::decode(value).ok());
    let mut mac = Hmac::<Sha256>::new_from_slice(bot.app_secret.as_bytes())
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    mac.update(&body);
    mac.verify_slice(&signature.unwrap_or_default())
        .map_err(|_| StatusCode::FORBIDDEN)?;
    let webhook: Webhook = serde_json::from_slice(&body).map_err(|_| StatusCode::BAD_REQUEST)?;
    for item in webhook.entry.into_iter().flat_map(|entry| entry.messaging) {
        let Some(text) = item
            .message
            .filter(|message| !message.is_echo)
            .and_then(|message| message.text)
        else {
            continue;
        };
        let sent = bot
            .graph
            .post(format!(
                "https://graph.facebook.com/v25.0/{}/messages",
                bot.page
            ))
            .bearer_auth(&bot.access_token)
            .json(&serde_json::json!({
                "recipient": { "id": item.sender.id },
                "messaging_type": "RESPONSE",
                "message": { "text": text },
            }))
            .send()
            .await;
        if let Err(error) = sent.and_then(reqwest::Response::error_for_status) {
            tracing::error!(%error, "not answered");
        }
    }
    Ok("EVENT_RECEIVED")
}
