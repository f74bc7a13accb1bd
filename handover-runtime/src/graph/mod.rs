//! The Graph client: typed calls to the platform, and errors that say what to do.
//!
//! [`Graph`] has a method for each call; each checks the platform's limits first:
//!
//! | method | call |
//! |---|---|
//! | [`send`](Graph::send), [`sender_action`](Graph::sender_action) | `POST /{page-id}/messages` |
//! | [`pass_thread_control`](Graph::pass_thread_control) | `POST /{page-id}/pass_thread_control` |
//! | [`take_thread_control`](Graph::take_thread_control) | `POST /{page-id}/take_thread_control` |
//! | [`request_thread_control`](Graph::request_thread_control) | `POST /{page-id}/request_thread_control` |
//! | [`release_thread_control`](Graph::release_thread_control) | `POST /{page-id}/release_thread_control` |
//! | [`extend_thread_control`](Graph::extend_thread_control) | `POST /{page-id}/extend_thread_control` |
//! | [`thread_owner`](Graph::thread_owner) | `GET /{page-id}/thread_owner` |
//! | [`secondary_receivers`](Graph::secondary_receivers) | `GET /{page-id}/secondary_receivers` |
//! | [`messaging_feature_status`](Graph::messaging_feature_status) | `GET /me?fields=messaging_feature_status` |
//!
//! A [`Call`] is one of those that change something, as a value: it can be stored and
//! [executed](Graph::execute) later.
//!
//! The access token travels in the `Authorization` header only. It is in no address, no error and
//! no `Debug` output.

mod advice;
mod answer;
mod call;
mod client;
mod credentials;
mod error;
mod http;
mod routing;
mod send;
mod settings;
mod thread_control;
mod usage;

pub use advice::Advice;
pub use call::{Call, CallAnswer};
pub(crate) use client::Line;
pub use client::{CallFuture, Graph};
pub use error::GraphError;
pub use routing::Endpoint;
pub use send::SendCall;
pub(crate) use settings::default_base_url;
pub use settings::{DEFAULT_BASE_URL, DEFAULT_VERSION, GraphSettings};
pub use thread_control::{
    CurrentOwner, PassThreadControlCall, ReleaseThreadControlCall, RequestThreadControlCall,
    TakeThreadControlCall,
};

pub use handover_protocol::{Limit, LimitExceeded};
use serde::Serialize;

fn metadata_text(
    endpoint: Endpoint,
    metadata: &(impl Serialize + ?Sized),
) -> Result<String, GraphError> {
    crate::metadata::to_text(&metadata)
        .map_err(|source| GraphError::Unwritable { endpoint, source })
}
