use std::net::SocketAddr;

use handover_protocol::{AccountId, AppId};

use super::FaultError;

/// Why the simulator cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address is taken or not this machine's.
    #[error("cannot listen on {address}: {source}; choose another port")]
    Address {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// Webhooks are delivered by plain HTTP.
    #[error("the webhook of app {app} is {url:?}: it must be an http:// address")]
    Webhook {
        /// The app.
        app: AppId,
        /// Its webhook.
        url: String,
    },
    /// An app id means one app.
    #[error("app {app} is connected twice: give every app an id of its own")]
    SameId {
        /// The id.
        app: AppId,
    },
    /// An account id means one account.
    #[error("account {account} is there twice: give every account an id of its own")]
    SameAccount {
        /// The id.
        account: AccountId,
    },
    /// Something is said about an account that is not there.
    #[error("there is no account {account}: add it with `page` or `instagram`, or correct its id")]
    NoSuchAccount {
        /// The id.
        account: AccountId,
    },
    /// A token says who calls.
    #[error(
        "apps {one} and {other} have the same access token: calls could not be told apart; give \
         every app another one for every account"
    )]
    SameToken {
        /// One app.
        one: AppId,
        /// The other app.
        other: AppId,
    },
    /// The default app is none of those connected.
    #[error("the default app {app} is not connected: add it with `app`")]
    NoSuchDefault {
        /// The id asked for.
        app: AppId,
    },
    /// A fault that makes no sense.
    #[error("a fault cannot be: {0}")]
    Fault(#[source] FaultError),
    /// The secret cannot sign.
    #[error("the secret of app {app} cannot be used as a key")]
    Secret {
        /// The app.
        app: AppId,
    },
}
