//! What a fuzzer runs with any bytes: the check of the signature.

#![allow(clippy::expect_used, reason = "a panic is what the fuzzer looks for")]

use axum::http::{HeaderMap, HeaderValue};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;

use super::{signature, signed_request};
use crate::secrets::SignatureKeys;

const SECRETS: [&str; 2] = ["another", "secret"];

/// Placeholder of the right signature.
const RIGHT: &str = "SIGNATURE";

fn keys() -> SignatureKeys {
    SignatureKeys::new(&SECRETS.map(Into::into))
}

/// The HMAC as another would compute it, with the last secret.
fn digest(body: &[u8]) -> Vec<u8> {
    let key = Hmac::<Sha256>::new_from_slice(SECRETS[1].as_bytes());
    let key = key.expect("a key has any length");
    key.chain_update(body).finalize().into_bytes().to_vec()
}

/// Header lines, an empty line, and a body: passes only with the one right header.
pub fn signature(input: &[u8]) {
    let (lines, body) = head_and_body(input);
    let right = hex::encode(digest(body));
    let mut headers = HeaderMap::new();
    let mut values = Vec::new();
    for line in lines {
        let value = replaced(line, RIGHT, &right);
        if let Ok(header) = HeaderValue::from_bytes(&value) {
            headers.append("x-hub-signature-256", header);
            values.push(value);
        }
    }
    let is_right = match &values[..] {
        [value] => {
            let value = String::from_utf8_lossy(value);
            value
                .strip_prefix("sha256=")
                .is_some_and(|digits| digits.to_ascii_lowercase() == right)
        }
        _ => false,
    };
    let checked = signature::check(&headers, body, &keys());
    assert_eq!(checked.is_ok(), is_right, "{values:?}: {checked:?}");
}

/// A form: names a person only if it is signed, and then the one that its JSON names.
pub fn signed_request(input: &[u8]) {
    assert!(
        signed_request::user_of(input, &keys()).is_err(),
        "a form that nobody signed is believed"
    );
    // The same bytes as what is signed.
    let payload = BASE64_URL_SAFE_NO_PAD.encode(input);
    let signature = BASE64_URL_SAFE_NO_PAD.encode(digest(payload.as_bytes()));
    let form = format!("signed_request={signature}.{payload}");
    let Ok(user) = signed_request::user_of(form.as_bytes(), &keys()) else {
        return;
    };
    // A number that nobody reads may be out of range.
    let Ok(json) = serde_json::from_slice::<Value>(input) else {
        return;
    };
    let named = match &json["user_id"] {
        Value::String(name) => name.clone(),
        other => other.to_string(),
    };
    assert_eq!(user, named, "{json}");
    assert!(user.bytes().all(|byte| byte.is_ascii_alphanumeric()) && !user.is_empty());
    let algorithm = json["algorithm"].as_str().unwrap_or_default();
    assert!(algorithm.eq_ignore_ascii_case("HMAC-SHA256"), "{json}");
}

fn head_and_body(input: &[u8]) -> (impl Iterator<Item = &[u8]>, &[u8]) {
    let at = input.windows(2).position(|pair| pair == b"\n\n");
    let (head, body) = match at {
        Some(at) => (&input[..at], &input[at + 2..]),
        None => (input, &b""[..]),
    };
    (head.split(|byte| *byte == b'\n'), body)
}

fn replaced(text: &[u8], word: &str, with: &str) -> Vec<u8> {
    let at = text
        .windows(word.len())
        .position(|window| window == word.as_bytes());
    match at {
        Some(at) => [&text[..at], with.as_bytes(), &text[at + word.len()..]].concat(),
        None => text.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use handover_testkit::fuzz::fuzz;

    #[test]
    fn signature() {
        fuzz("signature", super::signature);
    }

    #[test]
    fn signed_request() {
        fuzz("signed_request", super::signed_request);
    }
}
