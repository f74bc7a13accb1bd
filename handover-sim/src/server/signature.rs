use hmac::digest::InvalidLength;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;

/// Signatures of webhooks and `appsecret_proof`.
#[derive(Clone)]
pub(super) struct Signer {
    sha1: Hmac<Sha1>,
    sha256: Hmac<Sha256>,
}

impl Signer {
    pub(super) fn new(app_secret: &str) -> Result<Self, InvalidLength> {
        Ok(Self {
            sha1: Hmac::new_from_slice(app_secret.as_bytes())?,
            sha256: Hmac::new_from_slice(app_secret.as_bytes())?,
        })
    }

    /// `X-Hub-Signature-256`.
    pub(super) fn sha256(&self, body: &[u8]) -> String {
        let tag = self.sha256.clone().chain_update(body).finalize();
        format!("sha256={}", hex::encode(tag.into_bytes()))
    }

    /// The signature of a `signed_request`.
    pub(super) fn sha256_bytes(&self, text: &[u8]) -> Vec<u8> {
        let tag = self.sha256.clone().chain_update(text).finalize();
        tag.into_bytes().to_vec()
    }

    /// `X-Hub-Signature`, the older header that is sent alongside.
    pub(super) fn sha1(&self, body: &[u8]) -> String {
        let tag = self.sha1.clone().chain_update(body).finalize();
        format!("sha1={}", hex::encode(tag.into_bytes()))
    }

    /// Returns whether an `appsecret_proof` is valid for this token.
    pub(super) fn proves(&self, token: &str, proof: &str) -> bool {
        let mac = self.sha256.clone().chain_update(token);
        hex::decode(proof).is_ok_and(|proof| mac.verify_slice(&proof).is_ok())
    }
}
