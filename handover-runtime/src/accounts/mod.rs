//! Accounts of a bot, and their access tokens.

mod account;
mod configured;
mod directory;
mod file;
mod send_rate;
mod token_store;

pub use account::Account;
pub(crate) use configured::ConfiguredAccounts;
pub(crate) use directory::{Accounts, KnownAccount, Lookup, Renewal};
pub use file::{TokenFile, TokenFileError};
pub use send_rate::SendRate;
pub use token_store::{TokenFuture, TokenStore};
