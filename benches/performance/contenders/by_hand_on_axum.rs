//! The bot by hand on axum and reqwest, as most would write it: the signature, a typed parse, one
//! call after the other.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

use super::{FAREWELL, INBOX, PAGE, SECRET, TOKEN, socket};

#[derive(Deserialize)]
struct Body {
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    messaging: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    sender: Person,
    message: Option<Message>,
}

#[derive(Deserialize, Serialize)]
struct Person {
    id: String,
}

#[derive(Deserialize)]
struct Message {
    text: Option<String>,
}

#[derive(Serialize)]
struct Call<'a> {
    recipient: &'a Person,
    messaging_type: &'static str,
    message: Answer<'a>,
}

#[derive(Serialize)]
struct Answer<'a> {
    text: &'a str,
}

struct Bot {
    key: Hmac<Sha256>,
    http: reqwest::Client,
    /// Address of the Page.
    url: String,
}

pub(super) async fn serve(graph: &str) {
    let bot = Bot {
        key: Hmac::new_from_slice(SECRET.as_bytes()).unwrap(),
        http: reqwest::Client::new(),
        url: format!("{graph}/v26.0/{PAGE}"),
    };
    let router = Router::new()
        .route("/webhook", post(receive))
        .layer(DefaultBodyLimit::max(1 << 20))
        .with_state(Arc::new(bot));
    axum::serve(socket(), router).await.unwrap();
}

async fn receive(State(bot): State<Arc<Bot>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if !is_signed(&bot, &headers, &body) {
        return StatusCode::FORBIDDEN;
    }
    let Ok(body) = serde_json::from_slice::<Body>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    for event in body.entry.into_iter().flat_map(|entry| entry.messaging) {
        let bot = bot.clone();
        tokio::spawn(async move {
            if let Err(error) = answer(&bot, event).await {
                eprintln!("{error}");
            }
        });
    }
    StatusCode::OK
}

fn is_signed(bot: &Bot, headers: &HeaderMap, body: &[u8]) -> bool {
    let header = headers
        .get("x-hub-signature-256")
        .and_then(|value| value.to_str().ok());
    let Some(signature) = header.and_then(|value| hex::decode(value.strip_prefix("sha256=")?).ok())
    else {
        return false;
    };
    bot.key
        .clone()
        .chain_update(body)
        .verify_slice(&signature)
        .is_ok()
}

async fn answer(bot: &Bot, event: Event) -> reqwest::Result<()> {
    let Some(text) = event.message.and_then(|message| message.text) else {
        return Ok(());
    };
    let person = &event.sender;
    if text == "agent" {
        say(bot, person, FAREWELL).await?;
        let pass = json!({ "recipient": person, "target_app_id": INBOX });
        return call(bot, "pass_thread_control", &pass).await;
    }
    say(bot, person, &text).await
}

async fn say(bot: &Bot, recipient: &Person, text: &str) -> reqwest::Result<()> {
    let message = Call {
        recipient,
        messaging_type: "RESPONSE",
        message: Answer { text },
    };
    call(bot, "messages", &message).await
}

async fn call(bot: &Bot, name: &str, body: &impl Serialize) -> reqwest::Result<()> {
    let url = format!("{}/{name}", bot.url);
    let request = bot.http.post(url).bearer_auth(TOKEN).json(body);
    let response = request.send().await?.error_for_status()?;
    response.bytes().await.map(drop)
}
