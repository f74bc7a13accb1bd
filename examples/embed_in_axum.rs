//! A bot as part of an axum application that was there before: the website and the bot share what
//! they know, and one server serves both.
//!
//! ```text
//! Ana: soup
//! bot: Today there is lentil soup.
//! (The kitchen posts "tomato" to the website's /soup.)
//! Ana: soup
//! bot: Today there is tomato soup.
//! ```
//!
//! `handover dev --example embed_in_axum` runs it against the simulator; run
//! `curl -d tomato http://127.0.0.1:8080/soup` in between. In production, `MESSENGER_PAGE_ID` and the
//! other variables configure it.

use std::sync::Arc;

use axum::routing::get;
use axum::{Router, extract};
use handover::prelude::*;
use handover::{BotHandle, Error, log_to_stderr, shutdown_signal};
use tokio::net::TcpListener;
use tokio::sync::RwLock;

/// The soup of the day.
pub(crate) type Soup = Arc<RwLock<String>>;

#[on_message(text = "soup")]
async fn soup_of_the_day(soup: State<Soup>) -> String {
    format!("Today there is {} soup.", soup.read().await)
}

/// What the bot's handlers share.
#[derive(BotState)]
pub(crate) struct Kitchen {
    soup: Soup,
}

pub(crate) fn bot(soup: Soup) -> Bot {
    Bot::with_state(Kitchen { soup }, routes![soup_of_the_day])
}

/// The application: what it was before, and beside it the bot's `/webhook`.
pub(crate) fn app(soup: Soup, bot: Bot) -> handover::Result<(Router, BotHandle)> {
    let website = Router::new()
        .route("/soup", get(show_soup).post(change_soup))
        .with_state(soup);
    let (router, bot) = bot.into_parts()?;
    Ok((website.merge(router), bot))
}

async fn show_soup(soup: extract::State<Soup>) -> String {
    soup.read().await.clone()
}

async fn change_soup(soup: extract::State<Soup>, new: String) {
    *soup.write().await = new;
}

#[tokio::main]
async fn main() -> handover::Result {
    log_to_stderr();
    let soup = Soup::new(RwLock::new("lentil".into()));
    let (app, bot) = app(soup.clone(), bot(soup))?;
    let port = std::env::var("PORT").unwrap_or("8080".into());
    let listener = TcpListener::bind(format!("127.0.0.1:{port}"))
        .await
        .map_err(Error::other)?;
    let address = listener.local_addr().map_err(Error::other)?;
    eprintln!("the bot listens on http://{address}/webhook");
    // Until ctrl-c or SIGTERM …
    axum::serve(listener, app)
        .with_graceful_shutdown(shutdown_signal())
        .await
        .map_err(Error::other)?;
    // … then running handlers and handoffs end.
    bot.stop().await;
    Ok(())
}
