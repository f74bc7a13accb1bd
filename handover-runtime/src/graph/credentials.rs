//! Secrets of a call. They appear nowhere else.

use hmac::{Hmac, KeyInit, Mac};
use hyper::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use super::error::GraphError;
use crate::causes::without_secret;

pub(super) struct Credentials {
    access_token: SecretString,
    authorization: HeaderValue,
    appsecret_proof: Option<SecretString>,
}

impl Credentials {
    pub(super) fn new(
        access_token: SecretString,
        appsecret_proof_key: Option<&SecretString>,
    ) -> Result<Self, GraphError> {
        Ok(Self {
            authorization: bearer(&access_token)?,
            appsecret_proof: appsecret_proof_key
                .map(|app_secret| proof(app_secret, &access_token))
                .transpose()?,
            access_token,
        })
    }

    pub(super) fn token(&self) -> SecretString {
        self.access_token.clone()
    }

    pub(super) fn are_of(&self, access_token: &SecretString) -> bool {
        self.access_token.expose_secret() == access_token.expose_secret()
    }

    pub(super) fn are_as(&self, other: &Self) -> bool {
        self.are_of(&other.access_token)
    }

    /// The first 8 bytes of its SHA-256.
    pub(super) fn digest(&self) -> String {
        let digest = Sha256::digest(self.access_token.expose_secret());
        hex::encode(&digest[..8])
    }

    /// Value of the `Authorization` header.
    pub(super) const fn header(&self) -> &HeaderValue {
        &self.authorization
    }

    /// Parameter for every query, if the client sends proofs.
    pub(super) fn query(&self) -> Option<(&str, &str)> {
        let proof = self.appsecret_proof.as_ref()?;
        Some(("appsecret_proof", proof.expose_secret()))
    }

    /// Removes the secrets from foreign text: some messages of the platform quote the access token.
    pub(super) fn redact(&self, text: &str) -> String {
        let text = without_secret(text, self.access_token.expose_secret());
        match &self.appsecret_proof {
            Some(proof) => without_secret(&text, proof.expose_secret()),
            None => text,
        }
    }
}

fn bearer(access_token: &SecretString) -> Result<HeaderValue, GraphError> {
    let header = format!("Bearer {}", access_token.expose_secret());
    let mut header = HeaderValue::try_from(header).map_err(|_| GraphError::Settings {
        setting: "access_token",
        problem: "contains characters that no token has: copy it again",
        source: None,
    })?;
    header.set_sensitive(true);
    Ok(header)
}

/// Proof that the caller knows the app secret: hex HMAC-SHA256 of the token.
fn proof(
    app_secret: &SecretString,
    access_token: &SecretString,
) -> Result<SecretString, GraphError> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(app_secret.expose_secret().as_bytes()).map_err(|error| {
            GraphError::Settings {
                setting: "appsecret_proof_key",
                problem: "cannot be used as a key",
                source: Some(Box::new(error)),
            }
        })?;
    mac.update(access_token.expose_secret().as_bytes());
    Ok(hex::encode(mac.finalize().into_bytes()).into())
}
