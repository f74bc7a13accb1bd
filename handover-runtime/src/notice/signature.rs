//! Signatures as the Standard Webhooks specification has them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use sha2::Sha256;

/// With what notices to one address are signed.
#[derive(Clone)]
pub(super) struct SigningKey(SecretSlice<u8>);

/// Why a secret cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WrongSecret {
    Empty,
    NotBase64,
}

impl SigningKey {
    /// A secret that begins with `whsec_` is Base64; any other is taken as it is.
    pub(super) fn new(secret: &SecretString) -> Result<Self, WrongSecret> {
        let secret = secret.expose_secret().trim();
        let key = match secret.strip_prefix("whsec_") {
            Some(encoded) => STANDARD
                .decode(encoded)
                .map_err(|_| WrongSecret::NotBase64)?,
            None => secret.as_bytes().to_vec(),
        };
        if key.is_empty() {
            return Err(WrongSecret::Empty);
        }
        Ok(Self(key.into()))
    }

    /// The value of `webhook-signature` for what is sent at this time, in seconds since 1970.
    pub(super) fn sign(&self, id: &str, seconds: i64, body: &str) -> String {
        let mac = match Hmac::<Sha256>::new_from_slice(self.0.expose_secret()) {
            Ok(mac) => mac,
            // A key of any length will do.
            Err(_) => return String::new(),
        };
        let mac = mac
            .chain_update(id)
            .chain_update(".")
            .chain_update(seconds.to_string())
            .chain_update(".")
            .chain_update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the specification's own libraries.
    #[test]
    fn a_signature_is_that_of_the_specification() {
        let secret = SecretString::from("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let key = SigningKey::new(&secret).unwrap_or_else(|wrong| panic!("{wrong:?}"));
        let signature = key.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            r#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_that_cannot_be_one_is_refused() {
        let of = |secret: &str| SigningKey::new(&SecretString::from(secret)).err();
        assert_eq!(of(" "), Some(WrongSecret::Empty));
        assert_eq!(of("whsec_"), Some(WrongSecret::Empty));
        assert_eq!(of("whsec_***"), Some(WrongSecret::NotBase64));
        assert_eq!(of("a plain word"), None);
    }
}
