//! A shop that writes first: its warehouse says by HTTP that an order was shipped, whatever the person
//! or a colleague is doing at that moment.
//!
//! ```text
//! Ana: order
//! shop: Thank you! Order 1 is being packed.
//! (The warehouse posts to /orders/1/shipped.)
//! shop: Order 1 is on its way to you.
//! Ana: order
//! shop: Thank you! Order 2 is being packed.
//! Ana: agent
//! shop: One moment, a colleague is taking over.
//! (The warehouse posts to /orders/2/shipped, twice. Ben has the thread, so it waits.)
//! Ben: Hi Ana, how can I help?
//! (Ben presses "Done".)
//! shop: Order 2 is on its way to you.
//! Ana: order
//! shop: Thank you! Order 3 is being packed.
//! (Two days later the warehouse posts to /orders/3/shipped. Only a template may be sent by then.)
//! shop: Good news: order 3 is on its way.
//! ```
//!
//! `handover dev --example shop` runs it against the simulator; run
//! `curl -X POST http://127.0.0.1:8080/orders/1/shipped` once you have ordered. The template
//! `order_shipped` is created at `POST /{page-id}/message_templates`.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State as AppState};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use handover::prelude::*;
use handover::protocol::UtilityTemplate;
use handover::{BotHandle, Error, Receipt, ThreadKey, Threads, log_to_stderr, shutdown_signal};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;

/// The warehouse handed an order to the carrier.
#[derive(Signal, Serialize, Deserialize)]
struct Shipped {
    order: u64,
}

/// Who ordered what. A shop has a database for it.
pub(crate) type Orders = Arc<Mutex<HashMap<u64, ThreadKey>>>;

/// What the bot's handlers share.
#[derive(BotState)]
pub(crate) struct Shop {
    orders: Orders,
}

#[on_message(text = "order")]
async fn order(thread: Thread, orders: State<Orders>) -> String {
    let mut orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
    let number = orders.len() as u64 + 1;
    orders.insert(number, thread.0);
    format!("Thank you! Order {number} is being packed.")
}

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
async fn to_agent() -> &'static str {
    "One moment, a colleague is taking over."
}

/// It waits while a colleague has the thread. Once 24 hours have passed since the person wrote, the
/// platform takes an approved template only.
#[on_signal]
async fn shipped(signal: Signal<Shipped>) -> Message {
    let order = signal.order.to_string();
    Message::text(format!("Order {order} is on its way to you."))
        .hold_until_back()
        .outside_window(UtilityTemplate::new("order_shipped", "en_US").body([order]))
}

/// It was not sent, and somebody should know.
#[on_send_failed]
async fn not_sent(failed: FailedSend) {
    eprintln!("not sent ({}): {}", failed.kind, failed.reason);
}

pub(crate) fn bot(orders: Orders) -> Bot {
    let routes = routes![order, to_agent, shipped, not_sent];
    Bot::with_state(Shop { orders }, routes)
}

/// The bot's `/webhook`, and beside it what the warehouse calls.
pub(crate) fn app(orders: Orders, bot: Bot) -> handover::Result<(Router, BotHandle)> {
    let (router, bot) = bot.into_parts()?;
    let warehouse = Router::new()
        .route("/orders/{order}/shipped", post(order_shipped))
        .with_state((orders, bot.threads()));
    Ok((warehouse.merge(router), bot))
}

/// Answers once the signal is stored: from then on it is handled, also if this process dies. The id
/// lets the warehouse post it again.
async fn order_shipped(
    Path(order): Path<u64>,
    AppState((orders, threads)): AppState<(Orders, Threads)>,
) -> Result<Json<Receipt>, (StatusCode, String)> {
    let thread = {
        let orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
        orders.get(&order).cloned()
    };
    let thread = thread.ok_or_else(|| (StatusCode::NOT_FOUND, format!("no order {order}")))?;
    let signal = threads
        .at(thread)
        .signal(&Shipped { order })
        .id(format!("shipped-{order}"));
    match signal.await {
        Ok(receipt) => Ok(Json(receipt)),
        Err(error) => Err((StatusCode::SERVICE_UNAVAILABLE, error.to_string())),
    }
}

#[tokio::main]
async fn main() -> handover::Result {
    log_to_stderr();
    let orders = Orders::default();
    let (app, bot) = app(orders.clone(), bot(orders))?;
    let port = std::env::var("PORT").unwrap_or("8080".into());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}"))
        .await
        .map_err(Error::other)?;
    let address = listener.local_addr().map_err(Error::other)?;
    eprintln!("the bot listens on http://{address}/webhook");
    axum::serve(listener, app)
        .with_graceful_shutdown(shutdown_signal())
        .await
        .map_err(Error::other)?;
    bot.stop().await;
    Ok(())
}
