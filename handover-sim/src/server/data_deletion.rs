//! Data deletion requests: what the platform posts to an app when a person wants their data deleted.

use std::fmt::Write as _;

use axum::http::HeaderMap;
use axum::http::header::{CONTENT_TYPE, HeaderValue, USER_AGENT};
use handover_protocol::{AppId, PersonId};
use serde::Deserialize;
use serde_json::json;

use super::headers::Headers;
use super::shared_state::SharedState;
use super::timeline_item::{TimelineItem, TimelineKind, TimelineState};
use crate::platform::ActionError;

/// Answer of an app to a data deletion request.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct DeletionReceipt {
    /// Address of a page that says what became of the request.
    pub url: String,
    /// Code by which the person can ask for it.
    pub confirmation_code: String,
}

/// `User-Agent` of the platform's requests.
const AGENT: &str = "facebookplatform/1.0 (+http://developers.facebook.com)";

impl SharedState {
    /// Posts a data deletion request of a person to an app; without one, to the first that has a
    /// callback.
    pub(crate) async fn request_data_deletion(
        &self,
        person: &PersonId,
        app: Option<&AppId>,
    ) -> Result<DeletionReceipt, ActionError> {
        let (user, account) = self.read(|platform, _| {
            let thread = platform.thread(person);
            let thread = thread.ok_or_else(|| ActionError::NoSuchThread(person.clone()))?;
            let user = platform.app_scoped_id(person);
            let user = user.ok_or(ActionError::NoAppScopedId)?;
            Ok((user, thread.account.clone()))
        })?;
        let callback = self.deletion_callback(app);
        let (app, url) = callback.ok_or(ActionError::NoDeletionCallback)?;
        let Some(credentials) = self.credentials(&app) else {
            return Err(ActionError::NoDeletionCallback);
        };
        let issued_at = self.now().as_millis() / 1000;
        let claims = json!({
            "algorithm": "HMAC-SHA256", "expires": issued_at + 3600, "issued_at": issued_at, "user_id": user,
        });
        let payload = base64url(claims.to_string().as_bytes());
        let signature = base64url(&credentials.signer.sha256_bytes(payload.as_bytes()));
        let body = format!("signed_request={signature}.{payload}");
        let mut headers = HeaderMap::new();
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, form);
        headers.insert(USER_AGENT, HeaderValue::from_static(AGENT));
        let mut row = TimelineItem::new(TimelineKind::DataDeletion, "data_deletion");
        row.app = Some(app);
        row.account = Some(account);
        row.person = Some(person.clone());
        row.url = url.as_str().into();
        row.request = Some(body.as_str().into());
        row.request_headers = Some(Headers::of(&headers));
        let row = self.add_row(row);
        let response = self.client.post(&url, headers, body).await;
        let receipt = response.body.as_ref().map_err(Clone::clone);
        let receipt = receipt.and_then(|body| {
            let receipt: DeletionReceipt =
                serde_json::from_str(body).map_err(|error| error.to_string())?;
            match response.status {
                Some(200) => Ok(receipt),
                status => Err(format!("HTTP status {}", status.unwrap_or_default())),
            }
        });
        let state = match receipt {
            Ok(_) => TimelineState::Succeeded,
            Err(_) => TimelineState::Failed,
        };
        self.update_row(row, |row| response.record(row, state));
        receipt.map_err(|reason| ActionError::DeletionRefused { reason })
    }
}

fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let mut group = [0; 4];
        for (place, byte) in group[1..].iter_mut().zip(chunk) {
            *place = *byte;
        }
        let value = u32::from_be_bytes(group);
        for at in 0..=chunk.len() {
            let digit = DIGITS[(value >> (18 - 6 * at)) as usize & 63];
            // Writing to a string cannot fail.
            let _ = write!(text, "{}", char::from(digit));
        }
    }
    text
}
