//! The platform's side of the webhook: bodies, signed, repeated until they are answered with 200.

use handover_testkit::http::Client;
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use tokio::sync::watch;

use crate::Result;
use crate::process::SECRET;
use crate::world::{Answered, Event, PAGE, World, now_ms};

const CONNECTIONS: usize = 8;
const NOTHING_TO_DO: Duration = Duration::from_millis(5);
const AFTER_FAILURE: Duration = Duration::from_millis(20);
const AGAIN_EVERY: Duration = Duration::from_millis(60);

/// The address of the webhook, while there is a bot.
pub(crate) type Address = watch::Receiver<Option<String>>;

/// Delivers to a node what there is to deliver, over several connections, for ever.
pub(crate) fn start(world: &World, node: &str, address: &Address) -> Result<()> {
    let client = Client::new().timeout(Duration::from_secs(20));
    for _ in 0..CONNECTIONS {
        let (world, client) = (world.clone(), client.clone());
        tokio::spawn(deliver(world, client, node.to_owned(), address.clone()));
    }
    tokio::spawn(deliver_again(world.clone(), client, address.clone()));
    Ok(())
}

async fn deliver(world: World, client: Client, node: String, mut address: Address) {
    loop {
        let Some(webhook) = bot(&mut address).await else {
            return;
        };
        let batch = world.lock().take_batch();
        let sent = Instant::now();
        if batch.is_empty() {
            tokio::time::sleep(NOTHING_TO_DO).await;
        } else if post(&client, &webhook, &batch).await {
            let answered = Answered {
                node: node.clone(),
                at: Instant::now(),
                took: sent.elapsed(),
            };
            world.lock().acknowledged(batch, answered);
        } else {
            world.lock().failed(batch);
            tokio::time::sleep(AFTER_FAILURE).await;
        }
    }
}

/// Delivers what was acknowledged already: it must change nothing.
async fn deliver_again(world: World, client: Client, mut address: Address) {
    loop {
        tokio::time::sleep(AGAIN_EVERY).await;
        let Some(webhook) = bot(&mut address).await else {
            return;
        };
        let batch = world.lock().take_again();
        if !batch.is_empty() {
            post(&client, &webhook, &batch).await;
        }
    }
}

/// The address of the bot, once there is one; `None` at the end of the run.
pub(crate) async fn bot(address: &mut Address) -> Option<String> {
    let address = address.wait_for(Option::is_some).await.ok()?;
    address.clone()
}

/// Whether the answer was 200.
async fn post(client: &Client, webhook: &str, batch: &[Event]) -> bool {
    let body = body(batch).to_string();
    let request = client
        .post(webhook)
        .header("X-Hub-Signature-256", signature(body.as_bytes()))
        .body(body);
    let answer = request.send().await;
    answer.is_ok_and(|answer| answer.status() == 200)
}

/// One entry for each run of events on the same channel.
fn body(batch: &[Event]) -> Value {
    let runs = batch.chunk_by(|one, next| one.channel == next.channel);
    let entries = runs.filter_map(|run| {
        let items: Vec<_> = run.iter().map(|event| event.item.clone()).collect();
        let key = run.first()?.channel.key();
        Some(json!({ "id": PAGE, "time": now_ms(), key: items }))
    });
    json!({ "object": "page", "entry": Vec::from_iter(entries) })
}

pub(crate) fn signature(body: &[u8]) -> String {
    // A key of any length will do.
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes());
    let signed = mac.map(|mac| mac.chain_update(body).finalize().into_bytes());
    format!("sha256={}", signed.map(hex::encode).unwrap_or_default())
}
