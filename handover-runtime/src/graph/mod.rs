//! Client of the Graph API: typed calls, and errors with advice.
//!
//! [`Graph`] has a method for each call; each checks the platform's limits first:
//!
//! | method | call |
//! |---|---|
//! | [`send`](Graph::send), [`send_to`](Graph::send_to), [`reply_to_comment`](Graph::reply_to_comment), [`reply_to_post`](Graph::reply_to_post), [`sender_action`](Graph::sender_action), [`react`](Graph::react), [`unreact`](Graph::unreact) | `POST /{page-id}/messages` |
//! | [`keep_attachment`](Graph::keep_attachment), [`upload`](Graph::upload) | `POST /{page-id}/message_attachments` |
//! | [`create_message_template`](Graph::create_message_template) | `POST /{page-id}/message_templates` |
//! | [`pass_thread_control`](Graph::pass_thread_control) | `POST /{page-id}/pass_thread_control` |
//! | [`take_thread_control`](Graph::take_thread_control) | `POST /{page-id}/take_thread_control` |
//! | [`request_thread_control`](Graph::request_thread_control) | `POST /{page-id}/request_thread_control` |
//! | [`release_thread_control`](Graph::release_thread_control) | `POST /{page-id}/release_thread_control` |
//! | [`extend_thread_control`](Graph::extend_thread_control) | `POST /{page-id}/extend_thread_control` |
//! | [`thread_owner`](Graph::thread_owner) | `GET /{page-id}/thread_owner` |
//! | [`secondary_receivers`](Graph::secondary_receivers) | `GET /{page-id}/secondary_receivers` |
//! | [`messaging_feature_status`](Graph::messaging_feature_status) | `GET /me?fields=messaging_feature_status` |
//! | [`profile`](Graph::profile), [`set_profile`](Graph::set_profile), [`delete_profile`](Graph::delete_profile) | `/me/messenger_profile` |
//! | [`user_settings`](Graph::user_settings), [`set_user_menu`](Graph::set_user_menu), [`delete_user_menu`](Graph::delete_user_menu) | `/{page-id}/custom_user_settings` |
//! | [`subscribed_apps`](Graph::subscribed_apps), [`subscribe`](Graph::subscribe), [`unsubscribe`](Graph::unsubscribe) | `/{page-id}/subscribed_apps` |
//! | [`user_profile`](Graph::user_profile) | `GET /{person}` |
//! | [`linked_account`](Graph::linked_account), [`unlink_account`](Graph::unlink_account) | account linking |
//! | [`moderate`](Graph::moderate) | `POST /{page-id}/moderate_conversations` |
//! | [`personas`](Graph::personas), [`persona`](Graph::persona), [`create_persona`](Graph::create_persona), [`delete_persona`](Graph::delete_persona) | `/{page-id}/personas`, `/{persona}` |
//! | [`labels`](Graph::labels), [`labels_of`](Graph::labels_of), [`create_label`](Graph::create_label), [`delete_label`](Graph::delete_label), [`add_label`](Graph::add_label), [`remove_label`](Graph::remove_label) | `/{page-id}/custom_labels`, `/{label}/label` |
//! | [`conversations`](Graph::conversations), [`conversations_with`](Graph::conversations_with), [`conversation`](Graph::conversation), [`message`](Graph::message) | `/{page-id}/conversations`, `/{conversation}`, `/{message}` |
//! | [`batch`](Graph::batch) | `POST /` |
//! | [`as_app`](Graph::as_app) → [`AppGraph`] | `/{app-id}/subscriptions`, `/{user}/ids_for_pages`, `/debug_token`, `/oauth/access_token`, stickers |
//! | [`as_user`](Graph::as_user) → [`UserGraph`] | `/me/accounts`, the tokens of Pages |
//!
//! Thread control on WhatsApp is `WhatsApp`, with the feature `whatsapp`.
//!
//! A [`Call`] is a call that changes something, as a value: store it and [execute](Graph::execute) it later.
//!
//! The access token is sent in the `Authorization` header only. No address, error or `Debug` output contains
//! it.

mod advice;
mod answer;
mod app;
mod attachments;
mod batch;
mod call;
mod client;
mod conversations;
mod credentials;
mod error;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod labels;
mod listing;
mod messages_since;
mod metrics;
mod people;
mod personas;
mod profile;
mod request;
mod routing;
mod send;
mod settings;
mod subscribed_apps;
mod templates;
mod thread_control;
mod timeout;
mod upload;
mod usage;
mod user;
#[cfg(feature = "whatsapp")]
mod whatsapp;

pub use advice::Advice;
pub use app::AppGraph;
pub use batch::BatchCall;
pub use call::{Call, CallResponse};
pub use client::{CallFuture, Graph};
pub(crate) use client::{GraphTransport, SendFuture, SendObserver};
pub use error::GraphError;
pub(crate) use error::what_to_do;
pub use listing::ListCall;
pub use messages_since::{CATCH_UP, MessagesSince};
pub(crate) use metrics::GraphMetrics;
pub use routing::Endpoint;
pub use send::SendCall;
pub(crate) use settings::default_base_url;
pub use settings::{DEFAULT_BASE_URL, DEFAULT_VERSION, GraphSettings};
pub use thread_control::{
    CurrentOwner, PassThreadControlCall, ReleaseThreadControlCall, RequestThreadControlCall,
    TakeThreadControlCall,
};
pub(crate) use timeout::{ECHO_PAUSE, LONGEST_CALL, echo_due};
pub use upload::Upload;
pub(crate) use usage::retry_after;
pub use user::UserGraph;
#[cfg(feature = "whatsapp")]
pub use whatsapp::WhatsApp;

pub use handover_protocol::{Limit, LimitExceeded};
use serde::Serialize;

fn metadata_text(
    endpoint: Endpoint,
    metadata: &(impl Serialize + ?Sized),
) -> Result<String, GraphError> {
    crate::metadata::to_text(&metadata)
        .map_err(|source| GraphError::Unwritable { endpoint, source })
}
