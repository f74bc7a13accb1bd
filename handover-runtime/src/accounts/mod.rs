//! Accounts of a bot, their access tokens and their settings.

mod account;
mod configured;
mod directory;
mod file;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod profile;
mod send_rate;
mod settings;
mod settings_file;
mod settings_of;
mod tally;
mod token_store;

pub use account::{Account, credentials_of};
pub(crate) use configured::{ConfiguredAccounts, FollowedToken};
pub(crate) use directory::{AccountChanges, Accounts, KnownAccount, Lookup, Renewal};
pub use file::{TokenFile, TokenFileError};
pub use profile::Profile;
pub use send_rate::SendRate;
pub(crate) use settings::Effective;
pub use settings::{AccountSettings, Blocked};
pub use settings_of::SettingsOf;
pub(crate) use settings_of::UnboundSettings;
pub(crate) use tally::{Tallies, Tally};
use token_store::CaughtStore;
pub use token_store::{TokenFuture, TokenStore};
