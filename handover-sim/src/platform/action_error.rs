use handover_protocol::{AccountId, AppId, PersonId};

use super::Product;

/// Error of an action of a person or agent. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActionError {
    /// The thread does not exist. A reset may have removed it.
    #[error("there is no thread with person {0}: a reset may have removed it")]
    NoSuchThread(PersonId),
    /// The person has no id that Pages share, so no app can be asked to delete their data.
    #[error("people of Instagram have no id at apps, so none can be asked to delete their data")]
    NoAppScopedId,
    /// No app has a data deletion callback.
    #[error("the app has no webhook, and no data deletion callback")]
    NoDeletionCallback,
    /// The app did not accept the data deletion request.
    #[error("the app did not accept the data deletion request: {reason}")]
    DeletionRefused {
        /// Status or reason.
        reason: String,
    },
    /// The message has no text.
    #[error("the message is empty: write something first")]
    Empty,
    /// The thread is not empty, so there is no "Get Started" button.
    #[error("the thread is not empty, so there is no \"Get Started\" button")]
    AlreadyStarted,
    /// The newest message has no such quick reply.
    #[error("the newest message has no quick reply \"{title}\"; it has: {offered:?}")]
    NoSuchQuickReply {
        /// Requested title.
        title: String,
        /// Titles that exist.
        offered: Vec<String>,
    },
    /// No message has such a button.
    #[error("no message has a button \"{title}\"; there are: {offered:?}")]
    NoSuchButton {
        /// Requested title.
        title: String,
        /// Titles that exist.
        offered: Vec<String>,
    },
    /// The inbox does not own the thread.
    #[error("the inbox does not own the thread: {}", match .owner {
        Some(owner) => format!("app {owner} does"),
        None => "nobody does".to_owned(),
    })]
    NotWithInbox {
        /// Current owner.
        owner: Option<AppId>,
    },
    /// The inbox already owns the thread.
    #[error("the inbox already owns the thread")]
    AlreadyWithInbox,
    /// The product does not support this kind of attachment.
    #[error("{product} has no attachment \"{kind}\"; it has: {known:?}")]
    NoSuchAttachment {
        /// Requested kind.
        kind: String,
        /// Where.
        product: Product,
        /// Supported values.
        known: Vec<&'static str>,
    },
    /// The account is not a Page, so people cannot post on it.
    #[error("people can only post on a Page")]
    NoPosts,
    /// The account is not on Instagram, so it has no stories.
    #[error("only an Instagram account has stories")]
    NoStories,
    /// The attachment or story has no URL.
    #[error("\"{0}\" requires a URL")]
    NoUrl(String),
    /// The product does not support this reaction.
    #[error("there is no reaction \"{reaction}\"; there are: {known:?}")]
    NoSuchReaction {
        /// Requested reaction.
        reaction: String,
        /// Supported values.
        known: Vec<&'static str>,
    },
    /// The person has not reacted to the message.
    #[error("the person has not reacted to message {0}")]
    NoReaction(String),
    /// The thread has no message with this id, or it was unsent.
    #[error("the thread has no message {0}: it may have been unsent")]
    NoSuchMessage(String),
    /// The person did not send the message. People edit and unsend only their own messages.
    #[error("the person did not send message {0}")]
    NotTheirs(String),
    /// The message is not a text, or has already been edited five times.
    #[error("message {0} cannot be edited: it is not a text, or has been edited five times")]
    NotEditable(String),
    /// The account has no such ad.
    #[error("the account has no ad \"{0}\": add it to the account first")]
    NoSuchAd(String),
    /// A Lead Ad is already in progress.
    #[error("a Lead Ad is in progress: complete it first")]
    LeadAdUnderWay,
    /// No Lead Ad is in progress.
    #[error("no Lead Ad is in progress in this thread; the inbox may have taken control")]
    NoLeadAd,
    /// The account does not exist.
    #[error("there is no account {0}")]
    NoSuchAccount(AccountId),
    /// The app is not connected to the account.
    #[error("app {app} is not connected to account {account}: connect it first")]
    NotConnected {
        /// Requested app.
        app: AppId,
        /// Where.
        account: AccountId,
    },
    /// The account did not send the message. Agents delete only messages of the account.
    #[error("the account did not send message {0}")]
    NotTheAccounts(String),
    /// The account is not on Instagram, so there are no comments on ads.
    #[error("only Instagram has comments on ads: use a person of an Instagram account")]
    NoCommentsOnAds,
    /// The name is empty.
    #[error("the name is empty")]
    NoName,
    /// The locale is not a language and a country.
    #[error("\"{0}\" is not a locale: use a language and a country, such as de_DE")]
    NotALocale(String),
    /// The time zone is not a number of hours from -12 to 14.
    #[error("{0} is not a time zone: use hours from UTC, from -12 to 14")]
    NotATimezone(String),
    /// The person's last message is older than seven days.
    #[error("the person's last message is older than seven days, so agents cannot write")]
    WindowClosed,
}
