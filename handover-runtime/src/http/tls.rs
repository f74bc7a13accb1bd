//! TLS with the certificates that the system trusts.

use std::sync::Arc;

use hyper_rustls::ConfigBuilderExt;
use rustls::crypto::CryptoProvider;
use rustls::{ClientConfig, RootCertStore};
use thiserror::Error;

/// Error: connections cannot be encrypted.
#[derive(Debug, Error)]
#[error("TLS {}", Self::PROBLEM)]
pub struct NoTls(#[from] rustls::Error);

impl NoTls {
    pub(crate) const PROBLEM: &str =
        "cannot be used: install the system's certificates (package ca-certificates)";
}

pub(super) fn config(is_needed: bool) -> Result<ClientConfig, NoTls> {
    let config =
        ClientConfig::builder_with_provider(provider()).with_safe_default_protocol_versions()?;
    let config = if is_needed {
        config.try_with_platform_verifier()?
    } else {
        // Plain connections need no certificates, so they work if none are installed.
        config.with_root_certificates(RootCertStore::empty())
    };
    let mut config = config.with_no_client_auth();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(config)
}

/// The provider that the program has installed, otherwise the one of the feature.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    let installed = CryptoProvider::get_default().cloned();
    installed.unwrap_or_else(|| {
        #[cfg(feature = "tls-aws-lc")]
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        #[cfg(not(feature = "tls-aws-lc"))]
        let provider = rustls::crypto::ring::default_provider();
        Arc::new(provider)
    })
}
