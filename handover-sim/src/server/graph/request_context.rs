use handover_protocol::{AccountId, PersonId, Timestamp};
use serde_json::{Map, Value};

use super::super::credentials::TokenInfo;
use super::super::shared_state::SharedState;
use crate::platform::{CallContext, Refusal, UploadedFile};

/// Context of an authenticated request.
pub(super) struct RequestContext<'a> {
    pub(super) shared: &'a SharedState,
    pub(super) token: Option<&'a TokenInfo>,
    pub(super) now: Timestamp,
    /// First segment of the path.
    pub(super) object: &'a str,
    /// First segment as an account id.
    pub(super) named: AccountId,
    pub(super) parameters: &'a Map<String, Value>,
    pub(super) upload: Option<&'a UploadedFile>,
    /// URL of the app's webhook.
    pub(super) callback: Option<&'a str>,
}

impl<'a> RequestContext<'a> {
    pub(super) fn token(&self) -> Result<&'a TokenInfo, Refusal> {
        self.token.ok_or_else(Refusal::no_token)
    }

    /// Returns the call. Requires a Page token.
    pub(super) fn call(&self) -> Result<CallContext<'a>, Refusal> {
        let token = self.token()?;
        Ok(CallContext {
            app: &token.app,
            account: token
                .account
                .as_ref()
                .ok_or_else(Refusal::not_a_page_token)?,
            now: self.now,
        })
    }

    /// Returns the call. A user token is accepted, too.
    pub(super) fn call_on_account(&self) -> Result<CallContext<'_>, Refusal> {
        let token = self.token()?;
        let account = token.account.as_ref();
        Ok(CallContext {
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
