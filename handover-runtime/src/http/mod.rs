//! HTTP client for the Graph API and the trace collector.
//!
//! Built directly on hyper: what a complete client adds, such as following redirects and parsing the address
//! for each request, takes a fifth of the processor time of a message.

mod body;
mod client;
mod connect;
mod tls;

pub(crate) use body::{HttpBody, SendCondition};
pub use client::{HttpClient, HttpError, HttpRequest, HttpResponse};
pub use connect::is_loopback;
pub use tls::NoTls;
pub(crate) use tls::provider as crypto_provider;
