//! What the Graph API answers: sending first, then all that apps may set up and ask.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "bodies are written where they are used"
)]

#[path = "../support/stage.rs"]
mod stage;

mod ask;
#[path = "../simulator/common/bot.rs"]
#[allow(dead_code, reason = "the other binary uses all of it")]
mod bot;
mod http;

mod attachments;
mod contacts;
mod conversations;
mod messages;
mod pace;
mod people;
mod personas;
mod profile;
mod sender_actions;
mod subscriptions;
mod templates;
mod utility;
mod windows;

mod batch;
mod desk_acts;
mod forms;
mod lists;
mod tokens;
mod usage;
mod versions;
mod webhook;

mod any_body;
mod anything;
