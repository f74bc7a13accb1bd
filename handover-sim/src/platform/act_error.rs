use handover_protocol::{AppId, PersonId};

/// Why a person or an agent could not do something. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ActError {
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
    /// The Page Inbox cannot end what it does not own.
    #[error("the Page Inbox does not own the thread: {}", match .owner {
        Some(owner) => format!("app {owner} does"),
        None => "nobody does".to_owned(),
    })]
    NotWithInbox {
        /// Who owns it.
        owner: Option<AppId>,
    },
    /// The Page Inbox has what it asks for.
    #[error("the Page Inbox owns the thread already")]
    AlreadyWithInbox,
    /// People may answer for seven days.
    #[error("the person has not written within the last seven days: agents may not write either")]
    WindowClosed,
}
