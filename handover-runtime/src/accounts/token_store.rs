use std::error::Error;
use std::pin::Pin;

use handover_protocol::AccountId;

use super::Account;

/// What a [`TokenStore`] answers with.
pub type TokenFuture<'a, T> =
    Pin<Box<dyn Future<Output = Result<T, Box<dyn Error + Send + Sync>>> + Send + 'a>>;

/// Where the accounts of a bot and their access tokens come from: the environment, a
/// [file](super::TokenFile), or something of your own, such as a database.
///
/// An account is asked for when something is to be sent for it, once in a second at most, and at
/// once when the platform refuses its token. Another token is used from then on; until there is one,
/// nothing is sent for the account. An error is no answer: the bot goes on with what it knows, and
/// what it does not know waits.
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
    /// The Page with this id, or the one to which the Instagram account with this id is linked;
    /// `None` if the bot does not speak for it.
    fn account<'a>(&'a self, id: &'a AccountId) -> TokenFuture<'a, Option<Account>>;

    /// All of them: for what is done at start, for `/readyz`, and about every second, to notice that one
    /// was removed. What waits for a removed account then ends as dead letters. A store that takes long
    /// to answer is asked less often.
    fn accounts(&self) -> TokenFuture<'_, Vec<Account>>;
}

/// The accounts that there are, once and for all.
impl TokenStore for Vec<Account> {
    fn account<'a>(&'a self, id: &'a AccountId) -> TokenFuture<'a, Option<Account>> {
        let found = self.iter().find(|account| account.is(id)).cloned();
        Box::pin(async move { Ok(found) })
    }

    fn accounts(&self) -> TokenFuture<'_, Vec<Account>> {
        Box::pin(async { Ok(self.clone()) })
    }
}
