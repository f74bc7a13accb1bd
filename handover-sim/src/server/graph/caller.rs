//! Authentication of callers.

use axum::http::{HeaderMap, header};

use super::super::credentials::TokenInfo;
use super::super::parameters::RequestParameters;
use super::super::shared_state::SharedState;
use crate::platform::{AppsecretProof, Refusal};

/// Access token and proof of a request.
pub(super) struct CallerToken {
    token: Option<String>,
    proof: Option<String>,
}

impl CallerToken {
    pub(super) fn take(headers: &HeaderMap, parameters: &mut RequestParameters) -> Self {
        let in_parameters = ["access_token", "oauth_token"].map(|name| parameters.take_text(name));
        Self {
            token: bearer(headers)
                .map(str::to_owned)
                .or_else(|| in_parameters.into_iter().flatten().next()),
            proof: parameters.take_text("appsecret_proof"),
        }
    }

    pub(super) fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Returns the app and account of a valid token.
    pub(super) fn check<'a>(&self, shared: &'a SharedState) -> Result<&'a TokenInfo, Refusal> {
        let text = self.token.as_deref().ok_or_else(Refusal::no_token)?;
        let token = shared.token(text).ok_or_else(Refusal::unknown_token)?;
        let required = shared.read(|platform, _| platform.behavior().appsecret_proof);
        match &self.proof {
            Some(proof) => {
                let credentials = shared.credentials(&token.app);
                if !credentials.is_some_and(|credentials| credentials.signer.proves(text, proof)) {
                    return Err(Refusal::appsecret_proof());
                }
            }
            None if required == AppsecretProof::Required => {
                return Err(Refusal::no_appsecret_proof());
            }
            None => {}
        }
        Ok(token)
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    ["bearer", "oauth"]
        .contains(&scheme.to_ascii_lowercase().as_str())
        .then(|| token.trim())
}
