//! `signed_request`: what the platform posts for a person, signed with the app secret.

use base64::Engine;
use base64::alphabet::URL_SAFE;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use serde_json::Value;

use crate::secrets::SignatureKeys;

/// Without padding. What is left over in the last character does not matter.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &URL_SAFE,
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// What a signed request says.
#[derive(Debug, Deserialize)]
struct Claims {
    algorithm: Option<String>,
    user_id: Option<Value>,
}

/// Why a signed request is not believed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SignedRequestError {
    #[error("the form has no field `signed_request`")]
    Missing,
    #[error("`signed_request` is not two parts in base64url, with a dot between them")]
    Malformed,
    #[error("the signature does not fit; is the secret of the app in MESSENGER_APP_SECRET?")]
    Wrong,
    #[error("it is signed, but is no JSON that names a `user_id` and the algorithm HMAC-SHA256")]
    NoUser,
}

/// The person that a form with a signed request names, by their id at the app.
pub(super) fn user_of(form: &[u8], keys: &SignatureKeys) -> Result<String, SignedRequestError> {
    let mut fields = url::form_urlencoded::parse(form);
    let (_, request) = fields
        .find(|(name, _)| name == "signed_request")
        .ok_or(SignedRequestError::Missing)?;
    let (signature, payload) = request
        .split_once('.')
        .ok_or(SignedRequestError::Malformed)?;
    let claimed = decode(signature).ok_or(SignedRequestError::Malformed)?;
    let claimed = claimed
        .try_into()
        .map_err(|_| SignedRequestError::Malformed)?;
    let json = decode(payload).ok_or(SignedRequestError::Malformed)?;
    if !keys.have_signed(payload.as_bytes(), &claimed) {
        return Err(SignedRequestError::Wrong);
    }
    let claims: Claims = serde_json::from_slice(&json).map_err(|_| SignedRequestError::NoUser)?;
    let is_known = |name: &String| name.eq_ignore_ascii_case("HMAC-SHA256");
    let user = match claims.user_id {
        Some(Value::String(user)) if !user.is_empty() => user,
        Some(Value::Number(user)) => user.to_string(),
        _ => return Err(SignedRequestError::NoUser),
    };
    let names_digits = user.bytes().all(|byte| byte.is_ascii_alphanumeric());
    (claims.algorithm.as_ref().is_some_and(is_known) && names_digits)
        .then_some(user)
        .ok_or(SignedRequestError::NoUser)
}

/// Reads base64url, with or without padding; `+` and `/` of plain base64 as well.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.trim_end_matches('=');
    let text = text.replace('+', "-").replace('/', "_");
    LENIENT.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// printf '{"algorithm":"HMAC-SHA256","issued_at":1291836800,"user_id":"218471"}' | basenc --base64url,
    /// and the HMAC of that under "secret" by openssl.
    const PAYLOAD: &str = "eyJhbGdvcml0aG0iOiJITUFDLVNIQTI1NiIsImlzc3VlZF9hdCI6MTI5MTgzNjgwMCwidXNlcl9pZCI6IjIxODQ3MSJ9";
    const SIGNATURE: &str = "YUJO0oRGOt7-W5asotYHMee563x9OGcUgq1tqDuu-Z4";

    fn keys(secrets: &[&str]) -> SignatureKeys {
        let secrets: Vec<_> = secrets.iter().map(|secret| (*secret).into()).collect();
        SignatureKeys::new(&secrets)
    }

    fn user(request: &str) -> Result<String, SignedRequestError> {
        let form = format!("x=1&signed_request={request}");
        user_of(form.as_bytes(), &keys(&["another", "secret"]))
    }

    #[test]
    fn only_what_is_signed_is_believed() {
        assert_eq!(
            user(&format!("{SIGNATURE}.{PAYLOAD}")),
            Ok("218471".to_owned())
        );
        assert_eq!(
            user(&format!("{SIGNATURE}%3D.{PAYLOAD}")),
            Ok("218471".to_owned())
        );
        let other = format!("{SIGNATURE}.{PAYLOAD}x");
        assert_eq!(user(&other), Err(SignedRequestError::Malformed));
        let other = format!("{SIGNATURE}.{}", PAYLOAD.replace("IjIxODQ3", "IjIxOTQ3"));
        assert_eq!(user(&other), Err(SignedRequestError::Wrong));
        for odd in ["", ".", "a.b", "no dot", SIGNATURE, "%F0.%9F"] {
            assert_eq!(user(odd), Err(SignedRequestError::Malformed), "{odd}");
        }
        assert_eq!(user_of(b"", &keys(&[])), Err(SignedRequestError::Missing));
    }

    #[test]
    fn base64_is_read_as_others_write_it() {
        for (text, bytes) in [
            ("", &b""[..]),
            ("Zg", b"f"),
            ("Zm8=", b"fo"),
            ("Zm9v", b"foo"),
            ("_-8", &[0xff, 0xef]),
        ] {
            assert_eq!(decode(text).as_deref(), Some(bytes), "{text}");
        }
        for odd in ["Z", "Zm9v Zg", "Z\u{fc}"] {
            assert_eq!(decode(odd), None, "{odd}");
        }
    }

    proptest::proptest! {
        /// Whatever comes is refused, without a panic, unless it is signed.
        #[test]
        fn what_is_not_signed_is_refused(form in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..400), text in "(signed_request=)?[ -~]{0,200}") {
            for bytes in [&form[..], text.as_bytes()] {
                proptest::prop_assert!(user_of(bytes, &keys(&["another", "secret"])).is_err());
            }
        }
    }
}
