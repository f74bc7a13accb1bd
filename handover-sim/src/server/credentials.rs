use std::collections::BTreeMap;

use handover_protocol::{AccountId, AppId};
use tokio::sync::watch;
use url::Url;

use super::signature::Signer;

/// How an app is known when it calls, and how its webhooks are signed.
pub(super) struct AppCredentials {
    pub(super) app: AppId,
    pub(super) signer: Signer,
    /// `{app-id}|{app secret}`.
    pub(super) app_token: String,
    /// `user-{app-id}`: the token of the person who manages the accounts, with which the others are
    /// come by.
    pub(super) user_token: String,
    /// The Page access token of each account.
    pub(super) tokens: BTreeMap<AccountId, String>,
    /// Whether its webhook has been verified, or need not be.
    pub(super) verified: watch::Sender<bool>,
}

/// What a token stands for.
pub(super) struct Token {
    pub(super) app: AppId,
    /// The account it is for; none if it is the app's own, or a user's.
    pub(super) account: Option<AccountId>,
    /// Whether it is that of the person who manages the accounts.
    pub(super) is_user: bool,
}

/// An app's webhook.
#[derive(Clone)]
pub(super) struct Callback {
    pub(super) url: Url,
    pub(super) verify_token: Option<String>,
    /// Whether it is verified. None if it need not be.
    pub(super) verified: Option<bool>,
}

impl AppCredentials {
    pub(super) fn all_tokens(&self) -> impl Iterator<Item = (String, Token)> {
        let token = |account: Option<&AccountId>| Token {
            app: self.app.clone(),
            account: account.cloned(),
            is_user: false,
        };
        let own = (self.app_token.clone(), token(None));
        let user = Token {
            is_user: true,
            ..token(None)
        };
        let user = (self.user_token.clone(), user);
        let accounts = self.tokens.iter();
        let accounts = accounts.map(move |(account, text)| (text.clone(), token(Some(account))));
        [own, user].into_iter().chain(accounts)
    }
}

impl Callback {
    /// Webhooks are delivered by plain HTTP.
    pub(super) fn address(text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        (url.scheme() == "http" && url.has_host()).then_some(url)
    }
}
