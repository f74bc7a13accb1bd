use handover_protocol::{AccountId, AppId, PersonId};

use super::Product;

/// Why a person or an agent could not do something. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActionError {
    /// The thread is gone, most likely by a reset.
    #[error("there is no thread with person {0}: it may be from before a reset")]
    NoSuchThread(PersonId),
    /// Messages have a text.
    #[error("the message is empty: write something first")]
    Empty,
    /// "Get Started" is only shown on an empty thread.
    #[error("the conversation has begun: \"Get Started\" is only offered on an empty thread")]
    AlreadyStarted,
    /// The newest message does not offer this quick reply.
    #[error("no quick reply \"{title}\" is on offer; offered: {offered:?}")]
    NoSuchQuickReply {
        /// What was to be tapped.
        title: String,
        /// What could have been.
        offered: Vec<String>,
    },
    /// No message has this button.
    #[error("no message has a button \"{title}\" to tap; there are: {offered:?}")]
    NoSuchButton {
        /// What was to be tapped.
        title: String,
        /// What could have been.
        offered: Vec<String>,
    },
    /// The inbox cannot end what it does not own.
    #[error("the inbox does not own the thread: {}", match .owner {
        Some(owner) => format!("app {owner} does"),
        None => "nobody does".to_owned(),
    })]
    NotWithInbox {
        /// Who owns it.
        owner: Option<AppId>,
    },
    /// The inbox has what it asks for.
    #[error("the inbox owns the thread already")]
    AlreadyWithInbox,
    /// The product has no such attachments.
    #[error("nobody sends \"{kind}\" on {product}; there are: {known:?}")]
    NoSuchAttachment {
        /// What was to be sent.
        kind: String,
        /// Where.
        product: Product,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// Nobody posts on an Instagram account.
    #[error("only a Page has a place for the posts of others")]
    NoPosts,
    /// Pages on Messenger have no stories to answer.
    #[error("only an Instagram account has stories to answer")]
    NoStories,
    /// There is nothing to show.
    #[error("there is no \"{0}\" without a URL: give it one")]
    NoUrl(String),
    /// The product has no such reaction.
    #[error("there is no reaction \"{reaction}\"; there are: {known:?}")]
    NoSuchReaction {
        /// What was to be put on the message.
        reaction: String,
        /// What there is.
        known: Vec<&'static str>,
    },
    /// There is nothing to take back.
    #[error("the person has put no reaction on message {0}")]
    NoReaction(String),
    /// No message of the thread has this id, or it was taken back.
    #[error("the thread has no message {0}: it may have been taken back")]
    NoSuchMessage(String),
    /// People edit and take back their own messages only.
    #[error("the person did not write message {0}: take one of their own")]
    NotTheirs(String),
    /// A text may be edited five times.
    #[error("message {0} cannot be edited: only texts can, and not more than five times")]
    NotEditable(String),
    /// The account has no such ad.
    #[error("the account has no ad \"{0}\": add it to the account first")]
    NoSuchAd(String),
    /// One Lead Ad at a time.
    #[error("a Lead Ad is asking its questions already: let it come to an end first")]
    LeadAdUnderWay,
    /// No Lead Ad is asking anything.
    #[error("no Lead Ad is asking questions in this thread: the inbox may have taken it")]
    NoLeadAd,
    /// There is no such account.
    #[error("there is no account {0}")]
    NoSuchAccount(AccountId),
    /// Routing only knows apps that are connected.
    #[error("app {app} is not connected to account {account}: connect it first")]
    NotConnected {
        /// The app that was named.
        app: AppId,
        /// Where.
        account: AccountId,
    },
    /// Agents delete what the account wrote.
    #[error("the account did not write message {0}: take one of its own")]
    NotTheAccounts(String),
    /// Comments on boosted posts are a matter of Instagram.
    #[error("only Instagram sends comments on an ad: take a person of an Instagram account")]
    NoCommentsOnAds,
    /// A person has a name.
    #[error("the name is empty: give them one")]
    NoName,
    /// A locale is a language and a country.
    #[error("\"{0}\" is no locale: write a language and a country, such as de_DE")]
    NotALocale(String),
    /// A time zone is a number of hours.
    #[error("{0} is no time zone: give the hours from UTC, from -12 to 14")]
    NotATimezone(String),
    /// People may answer for seven days.
    #[error("the person has not written within the last seven days: agents may not write either")]
    WindowClosed,
}
