use std::net::SocketAddr;

use handover_protocol::{AccountId, AppId};

use super::FaultError;

/// Error when the simulator starts.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address is in use or not an address of this machine.
    #[error("cannot listen on {address}: {source}; choose another port")]
    Address {
        /// Requested address.
        address: SocketAddr,
        /// Error of the operating system.
        source: std::io::Error,
    },
    /// Parses the URL of a webhook, which must be plain HTTP.
    #[error("the webhook of app {app} is {url:?}: it must be an http:// address")]
    Webhook {
        /// App id.
        app: AppId,
        /// URL of the webhook.
        url: String,
    },
    /// Several apps have the same id.
    #[error("app {app} is connected twice: use different ids")]
    SameId {
        /// Id.
        app: AppId,
    },
    /// Several accounts have the same id.
    #[error("account {account} exists twice: use different ids")]
    SameAccount {
        /// Id.
        account: AccountId,
    },
    /// A setting refers to an account that does not exist.
    #[error("there is no account {account}: add it with `page` or `instagram`, or correct its id")]
    NoSuchAccount {
        /// Id.
        account: AccountId,
    },
    /// Several apps have the same token.
    #[error(
        "apps {one} and {other} have the same access token: their calls could not be \
         distinguished; give each app a different token for each account"
    )]
    SameToken {
        /// First app.
        one: AppId,
        /// Second app.
        other: AppId,
    },
    /// The default app is not connected.
    #[error("the default app {app} is not connected: add it with `app`")]
    NoSuchDefault {
        /// Requested id.
        app: AppId,
    },
    /// A fault rule is invalid.
    #[error("invalid fault: {0}")]
    Fault(#[source] FaultError),
    /// The app secret is empty.
    #[error("the secret of app {app} cannot be used as a key")]
    Secret {
        /// App id.
        app: AppId,
    },
}
