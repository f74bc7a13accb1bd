use std::sync::{Mutex, PoisonError};

use handover_protocol::AccountId;
use secrecy::SecretString;

use super::{Account, TokenFile, TokenFuture, TokenStore};
use crate::secrets::FollowedFile;

/// Token store with the accounts of the configuration and of its accounts file.
pub(crate) struct ConfiguredAccounts {
    pub(crate) listed: Vec<Account>,
    /// The access token of the first of them, if it is in a file.
    pub(crate) first_token: Option<FollowedToken>,
    pub(crate) file: Option<TokenFile>,
}

impl ConfiguredAccounts {
    fn listed(&self) -> Vec<Account> {
        let mut listed = self.listed.clone();
        if let (Some(token), Some(first)) = (&self.first_token, listed.first_mut()) {
            first.access_token = token.now();
        }
        listed
    }
}

impl TokenStore for ConfiguredAccounts {
    fn account<'a>(&'a self, id: &'a AccountId) -> TokenFuture<'a, Option<Account>> {
        let mut listed = self.listed().into_iter();
        match (listed.find(|account| account.is(id)), &self.file) {
            (None, Some(file)) => file.account(id),
            (found, _) => Box::pin(async { Ok(found) }),
        }
    }

    fn accounts(&self) -> TokenFuture<'_, Vec<Account>> {
        let mut all = self.listed();
        if let Some(file) = &self.file {
            all.extend_from_slice(&file.now());
        }
        Box::pin(async { Ok(all) })
    }
}

/// An access token in a file, which is read again whenever the token is asked for: about once a second.
pub(crate) struct FollowedToken(Mutex<(FollowedFile, Vec<SecretString>)>);

impl FollowedToken {
    pub(crate) fn new(file: FollowedFile, token: SecretString) -> Self {
        Self(Mutex::new((file, vec![token])))
    }

    fn now(&self) -> SecretString {
        let mut followed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (file, tokens) = &mut *followed;
        file.update(tokens);
        tokens.first().cloned().unwrap_or_default()
    }
}
