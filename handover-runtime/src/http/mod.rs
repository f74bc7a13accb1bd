//! HTTP to others: to the Graph API, and to whoever collects traces.
//!
//! Straight on hyper: what a whole client does besides, such as following redirects and reading the
//! address anew for each request, takes a fifth of the processor time of a message.

mod client;
mod connect;
mod tls;

pub(crate) use client::{HttpClient, HttpError, HttpRequest, HttpResponse};
pub(crate) use connect::is_loopback;
pub(crate) use tls::NoTls;
