//! The same bot written by hand, as well as we can: the signature, a typed parse, one call; no
//! durability, no order, no second try, no owner.

use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::bots::{PAGE, SECRET};

#[derive(Deserialize)]
struct Body {
    entry: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(default)]
    messaging: Vec<Item>,
}

#[derive(Deserialize)]
struct Item {
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
    url: String,
}

/// Serves until it is killed.
pub(crate) fn serve(graph: &str) {
    let bot = Bot {
        key: Hmac::new_from_slice(SECRET.as_bytes()).unwrap(),
        http: reqwest::Client::new(),
        url: format!("{graph}/v26.0/{PAGE}/messages"),
    };
    crate::runtime().block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("{}", listener.local_addr().unwrap());
        let router = Router::new()
            .route("/webhook", post(receive))
            .with_state(Arc::new(bot));
        axum::serve(listener, router).await.unwrap();
    });
}

async fn receive(State(bot): State<Arc<Bot>>, headers: HeaderMap, body: Bytes) -> StatusCode {
    if !is_signed(&bot, &headers, &body) {
        return StatusCode::FORBIDDEN;
    }
    let Ok(body) = serde_json::from_slice::<Body>(&body) else {
        return StatusCode::BAD_REQUEST;
    };
    for item in body.entry.into_iter().flat_map(|entry| entry.messaging) {
        let bot = bot.clone();
        tokio::spawn(async move { answer(&bot, item).await });
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

async fn answer(bot: &Bot, item: Item) {
    let Some(text) = item.message.and_then(|message| message.text) else {
        return;
    };
    match text.as_str() {
        "silence" => {}
        text => {
            let call = Call {
                recipient: &item.sender,
                messaging_type: "RESPONSE",
                message: Answer { text },
            };
            let sent = bot
                .http
                .post(&bot.url)
                .bearer_auth("token")
                .json(&call)
                .send()
                .await;
            match sent {
                Ok(answer) => drop(answer.bytes().await),
                Err(error) => eprintln!("{error}"),
            }
        }
    }
}
