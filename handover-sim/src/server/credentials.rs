use std::collections::BTreeMap;

use handover_protocol::{AccountId, AppId};
use tokio::sync::watch;
use url::Url;

use super::signature::Signer;

/// Credentials of an app: tokens and signing key.
pub(super) struct AppCredentials {
    pub(super) app: AppId,
    pub(super) signer: Signer,
    /// `{app-id}|{app secret}`.
    pub(super) app_token: String,
    /// `user-{app-id}`: user token of the account manager, which can fetch Page tokens.
    pub(super) user_token: String,
    /// Page access tokens by account.
    pub(super) tokens: BTreeMap<AccountId, String>,
    /// Whether the webhook is verified or needs no verification.
    pub(super) verified: watch::Sender<bool>,
    /// Data deletion callback, if it is not beside the webhook.
    pub(super) data_deletion: Option<Url>,
}

/// App, account and type of an access token.
pub(super) struct TokenInfo {
    pub(super) app: AppId,
    /// Account of a Page token. `None` for app and user tokens.
    pub(super) account: Option<AccountId>,
    /// Whether it is a user token.
    pub(super) is_user: bool,
}

/// Webhook of an app.
#[derive(Clone)]
pub(super) struct Callback {
    pub(super) url: Url,
    pub(super) verify_token: Option<String>,
    /// Whether it is verified. `None`: no verification needed.
    pub(super) verified: Option<bool>,
}

impl AppCredentials {
    pub(super) fn all_tokens(&self) -> impl Iterator<Item = (String, TokenInfo)> {
        let token = |account: Option<&AccountId>| TokenInfo {
            app: self.app.clone(),
            account: account.cloned(),
            is_user: false,
        };
        let own = (self.app_token.clone(), token(None));
        let user = TokenInfo {
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
    /// Parses the URL of a webhook, which must be plain HTTP.
    pub(super) fn address(text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        (url.scheme() == "http" && url.has_host()).then_some(url)
    }
}
