//! What the Graph API answers: sending first, then all that apps may set up and ask.

mod ask;
pub(crate) mod http;

mod attachments;
mod contacts;
mod conversations;
mod messages;
mod people;
mod personas;
mod profile;
mod rate_limits;
mod sender_actions;
mod subscriptions;
mod templates;
mod utility;
mod windows;

mod batch;
mod control_actions;
mod forms;
mod lists;
mod tokens;
mod usage;
mod versions;
mod webhook;

mod any_body;
mod anything;
