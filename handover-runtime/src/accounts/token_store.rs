use std::error::Error;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::FutureExt;
use handover_protocol::AccountId;

use super::Account;
use crate::causes;

/// Future of a [`TokenStore`].
pub type TokenFuture<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// Source of the bot's accounts and their access tokens: the environment, a [file](super::TokenFile), or your
/// own, such as a database.
///
/// The bot asks for an account when it has something to send, at most once per second, and immediately when
/// the platform refuses the token. From then on it uses the new token; until there is one, nothing is sent
/// for the account. If the store returns an error or panics, the bot continues with the last token, and calls
/// without a token wait.
///
/// ```
/// use handover_runtime::{Account, TokenFuture, TokenStore};
/// # struct Database;
/// # impl Database {
/// #     async fn token_of(&self, _: &str) -> Result<Option<String>, std::io::Error> { Ok(None) }
/// #     async fn pages(&self) -> Result<Vec<(String, String)>, std::io::Error> { Ok(Vec::new()) }
/// # }
///
/// impl TokenStore for Database {
///     fn account<'a>(&'a self, id: &'a handover_protocol::AccountId) -> TokenFuture<'a, Option<Account>> {
///         Box::pin(async move {
///             let token = self.token_of(id.as_str()).await?;
///             Ok(token.map(|token| Account::new(id.clone(), token)))
///         })
///     }
///
///     fn accounts(&self) -> TokenFuture<'_, Vec<Account>> {
///         Box::pin(async {
///             let pages = self.pages().await?;
///             Ok(pages.into_iter().map(|(id, token)| Account::new(id, token)).collect())
///         })
///     }
/// }
/// ```
pub trait TokenStore: Send + Sync + 'static {
    /// Returns the Page with this id, or the Page to which the Instagram account with this id is linked;
    /// `None` if the bot has no token for it.
    fn account<'a>(&'a self, id: &'a AccountId) -> TokenFuture<'a, Option<Account>>;

    /// Returns all accounts: for the setup at start, for `/readyz`, and about once per second to notice
    /// removed accounts. What waits for a removed account becomes dead letters. A slow store is asked less
    /// often.
    fn accounts(&self) -> TokenFuture<'_, Vec<Account>>;
}

/// Fixed list of accounts.
impl TokenStore for Vec<Account> {
    fn account<'a>(&'a self, id: &'a AccountId) -> TokenFuture<'a, Option<Account>> {
        let found = self.iter().find(|account| account.is(id)).cloned();
        Box::pin(async move { Ok(found) })
    }

    fn accounts(&self) -> TokenFuture<'_, Vec<Account>> {
        Box::pin(async { Ok(self.clone()) })
    }
}

/// A store whose panics are errors like others: whoever asks holds a thread or a call, which would be lost.
pub(super) struct CaughtStore(pub(super) Arc<dyn TokenStore>);

impl TokenStore for CaughtStore {
    fn account<'a>(&'a self, id: &'a AccountId) -> TokenFuture<'a, Option<Account>> {
        Box::pin(caught(async move { self.0.account(id).await }))
    }

    fn accounts(&self) -> TokenFuture<'_, Vec<Account>> {
        Box::pin(caught(async move { self.0.accounts().await }))
    }
}

async fn caught<T>(
    answer: impl Future<Output = Result<T, Box<dyn Error + Send + Sync>>>,
) -> Result<T, Box<dyn Error + Send + Sync>> {
    let answer = AssertUnwindSafe(answer).catch_unwind().await;
    answer.unwrap_or_else(|panic| {
        let text = causes::of_panic(&*panic);
        Err(format!("the token store panicked: {text}").into())
    })
}
