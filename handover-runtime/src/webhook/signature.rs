//! `X-Hub-Signature-256`: only the platform and the bot know the app secret.

use axum::http::{HeaderMap, HeaderName};

use crate::secrets::SignatureKeys;

/// Why a signature is not valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum SignatureError {
    #[error("the header X-Hub-Signature-256 is missing")]
    Missing,
    #[error("the header X-Hub-Signature-256 is not `sha256=` and 64 hexadecimal digits, once")]
    Malformed,
    #[error(
        "the signature does not fit the body; is the secret of the app that sends in MESSENGER_APP_SECRET?"
    )]
    Wrong,
}

static HEADER: HeaderName = HeaderName::from_static("x-hub-signature-256");

/// Compares the signature with the HMAC-SHA256 of the raw body under each key, in constant time: how
/// long it takes says nothing of which one is right.
pub(super) fn check(
    headers: &HeaderMap,
    body: &[u8],
    keys: &SignatureKeys,
) -> Result<(), SignatureError> {
    let mut values = headers.get_all(&HEADER).iter();
    let value = values.next().ok_or(SignatureError::Missing)?;
    let digits = value.as_bytes().strip_prefix(b"sha256=");
    let (Some(digits), None) = (digits, values.next()) else {
        return Err(SignatureError::Malformed);
    };
    let mut claimed = [0; 32];
    hex::decode_to_slice(digits, &mut claimed).map_err(|_| SignatureError::Malformed)?;
    keys.have_signed(body, &claimed)
        .then_some(())
        .ok_or(SignatureError::Wrong)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    const BODY: &[u8] = br#"{"object":"page"}"#;
    /// printf '{"object":"page"}' | openssl dgst -sha256 -hmac secret
    const DIGEST: &str = "c1456f83e15385a03562cbe2eaaa918ec5e06b4f170f909283a2781c7924e4d1";

    fn checked(values: &[&str], body: &[u8]) -> Result<(), SignatureError> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append("X-Hub-Signature-256", HeaderValue::from_str(value).unwrap());
        }
        let keys = SignatureKeys::new(&["another".into(), "secret".into()]);
        check(&headers, body, &keys)
    }

    #[test]
    fn only_the_signature_of_exactly_these_bytes_passes() {
        let right = format!("sha256={DIGEST}");
        assert_eq!(checked(&[&right], BODY), Ok(()));
        assert_eq!(
            checked(&[&right], br#"{"object": "page"}"#),
            Err(SignatureError::Wrong)
        );
        assert_eq!(checked(&[], BODY), Err(SignatureError::Missing));
        assert_eq!(checked(&[DIGEST], BODY), Err(SignatureError::Malformed));
        assert_eq!(
            checked(&["sha256=abc"], BODY),
            Err(SignatureError::Malformed)
        );
        assert_eq!(
            checked(&[&right, &right], BODY),
            Err(SignatureError::Malformed)
        );
        assert_eq!(
            checked(&["sha256=", &right], BODY),
            Err(SignatureError::Malformed)
        );
    }

    proptest::proptest! {
        /// Whatever the header is, it is refused, without a panic, unless it is the signature.
        #[test]
        fn no_other_header_passes(value in "(sha256=)?[!-~]{0,80}", body in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..200)) {
            proptest::prop_assert!(checked(&[&value], &body).is_err());
        }
    }
}
