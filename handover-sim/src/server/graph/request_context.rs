use handover_protocol::{AccountId, PersonId, Timestamp};
use serde_json::{Map, Value};

use super::super::credentials::Token;
use super::super::shared_state::SharedState;
use crate::platform::{Call, Refusal, Upload};

/// A call whose caller is known, on its way to the rules.
pub(super) struct RequestContext<'a> {
    pub(super) shared: &'a SharedState,
    pub(super) token: Option<&'a Token>,
    pub(super) now: Timestamp,
    /// What the path names first.
    pub(super) object: &'a str,
    /// The same, in case it is an account.
    pub(super) named: AccountId,
    pub(super) parameters: &'a Map<String, Value>,
    pub(super) upload: Option<&'a Upload>,
    /// Where the webhook of the app is.
    pub(super) callback: Option<&'a str>,
}

impl<'a> RequestContext<'a> {
    pub(super) fn token(&self) -> Result<&'a Token, Refusal> {
        self.token.ok_or_else(Refusal::no_token)
    }

    /// The call, which has to come with a Page's token.
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

    /// The call, which may come with a user's token as well.
    pub(super) fn call_on_account(&self) -> Result<Call<'_>, Refusal> {
        let token = self.token()?;
        let account = token.account.as_ref();
        Ok(Call {
            app: &token.app,
            account: account.unwrap_or(&self.named),
            now: self.now,
        })
    }

    /// The person the path names.
    pub(super) fn person(&self) -> PersonId {
        PersonId::from(self.object)
    }
}
