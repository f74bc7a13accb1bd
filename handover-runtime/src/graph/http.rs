//! How connections to the Graph API are made.

use std::time::Duration;

use reqwest::{Client, ClientBuilder, redirect};

use super::error::GraphError;
use super::settings::GraphSettings;

pub(super) fn client(settings: &GraphSettings) -> Result<Client, GraphError> {
    install_tls_provider();
    let mut builder = Client::builder()
        .user_agent(concat!("handover/", env!("CARGO_PKG_VERSION")))
        .connect_timeout(settings.connect_timeout)
        .timeout(settings.timeout)
        .redirect(redirect::Policy::none())
        .referer(false)
        .pool_idle_timeout(Duration::from_secs(60))
        .pool_max_idle_per_host(256)
        .tcp_keepalive(Duration::from_secs(30))
        .http2_keep_alive_interval(Duration::from_secs(20))
        .http2_keep_alive_while_idle(true);
    if settings.is_loopback() {
        // A proxy cannot reach the loopback of this machine.
        builder = builder.no_proxy();
    }
    builder = match settings.base_url.scheme() {
        "https" => builder.https_only(true),
        _ => without_certificates(builder),
    };
    builder.build().map_err(|error| GraphError::Settings {
        setting: "TLS",
        problem: "cannot be used: install the system's certificates (package ca-certificates)",
        source: Some(Box::new(error.without_url())),
    })
}

/// A client for another service than the Graph API.
#[cfg(feature = "opentelemetry")]
pub(crate) fn client_for(address: &url::Url) -> reqwest::Result<Client> {
    install_tls_provider();
    let mut builder = Client::builder().redirect(redirect::Policy::none());
    if address.scheme() != "https" {
        builder = without_certificates(builder);
    }
    builder.build()
}

/// Plain connections need none, so they work where none are installed.
fn without_certificates(builder: ClientBuilder) -> ClientBuilder {
    #[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
    let builder = builder.tls_certs_only([]);
    builder
}

/// With ring reqwest chooses no provider by itself.
fn install_tls_provider() {
    #[cfg(all(feature = "tls-ring", not(feature = "tls-aws-lc")))]
    // Fails if the program has installed one already, which is just as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
}
