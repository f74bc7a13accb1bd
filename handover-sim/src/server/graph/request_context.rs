use handover_protocol::{AccountId, PersonId, Timestamp};
use serde_json::{Map, Value};

use super::super::credentials::Token;
use super::super::shared_state::SharedState;
use crate::platform::{Call, Refusal, Upload};

/// Context of an authenticated request.
pub(super) struct RequestContext<'a> {
    pub(super) shared: &'a SharedState,
    pub(super) token: Option<&'a Token>,
    pub(super) now: Timestamp,
    /// First segment of the path.
    pub(super) object: &'a str,
    /// First segment as an account id.
    pub(super) named: AccountId,
    pub(super) parameters: &'a Map<String, Value>,
    pub(super) upload: Option<&'a Upload>,
    /// URL of the app's webhook.
    pub(super) callback: Option<&'a str>,
}

impl<'a> RequestContext<'a> {
    pub(super) fn token(&self) -> Result<&'a Token, Refusal> {
        self.token.ok_or_else(Refusal::no_token)
    }

    /// Returns the call. Requires a Page token.
    pub(super) fn call(&self) -> Result<Call<'a>, Refusal> {
        let token = self.token()?;
        Ok(Call {
            app: &token.app,
            account: token
                .account
                .as_ref()
                .ok_or_else(Refusal::not_a_page_token)?,
            now: self.now,
        })
    }

    /// Returns the call. A user token is accepted, too.
    pub(super) fn call_on_account(&self) -> Result<Call<'_>, Refusal> {
        let token = self.token()?;
        let account = token.account.as_ref();
        Ok(Call {
            app: &token.app,
            account: account.unwrap_or(&self.named),
            now: self.now,
        })
    }

    /// Returns the person in the path.
    pub(super) fn person(&self) -> PersonId {
        PersonId::from(self.object)
    }
}
