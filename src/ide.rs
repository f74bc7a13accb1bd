//! What rust-analyzer completes the keys of attributes with, and shows when one points at them.
//!
//! While rust-analyzer is asking, an attribute imports the keys it is given from the module of its
//! name. `ref` and `crate` are missing: keywords cannot be imported.

/// Every key.
pub mod keys {
    #![allow(non_upper_case_globals, reason = "keys are written in small letters")]

    macro_rules! keys {
        // None without documentation: nothing else is shown at it.
        ($($(#[doc = $line:literal])+ $key:ident;)*) => {$(
            $(#[doc = $line])+
            pub const $key: () = ();
        )*};
    }

    keys! {
        /// Action: `"react"` or `"unreact"`; in `#[on_policy_enforcement]` `"warning"`,
        /// `"block"` or `"unblock"`.
        action;
        /// One type or several: the message has such an attachment, `image`, `audio`, `video`,
        /// `file`, `location` …
        attachment;
        /// The app that took the thread, asks for it, or speaks: `"page_inbox"`,
        /// `"instagram_inbox"`, a number, or a type that implements `Target`.
        by;
        /// The app that the thread comes from: `"page_inbox"`, `"instagram_inbox"`, a number, or a
        /// type that implements `Target`.
        from;
        /// A time such as `"30m"` after which the bot takes the thread back if the agent has said
        /// nothing more, counted from their last word.
        idle_after;
        /// One kind or several: what was seen is a `message`, `echo`, `postback`, `read`,
        /// `delivery` …; in `#[on_handoff]` what became of the thread, `handed_over`, `unclaimed` or
        /// `returned`.
        kind;
        /// Metadata for the other app: a string as it is, any other `Serialize` value as JSON.
        metadata;
        /// One name or several: the event's name on the wire, or in `#[on_timer]` the timer's.
        name;
        /// `"page"` or `"instagram"`: the product that the event is of.
        object;
        /// `"ok"` or `"error"`: whether the thread goes after an answer or after an `Err`.
        on;
        /// `"queue"`, `"burst"`, `"restart"`, `"latest"` or `"debounce(2s)"`: what happens when a
        /// person writes several messages quickly.
        pace;
        /// One id or several: the Page or Instagram account that the event is of.
        page;
        /// One payload or several, or patterns such as `"ORDER:{id}"` that fill a `Payload<T>`.
        payload;
        /// One payload or several: the message answers a quick reply with one of these.
        quick_reply;
        /// One name or several: `smile`, `angry`, `sad`, `wow`, `love`, `like`, `dislike`, `other`.
        reaction;
        /// A time such as `"30m"` after which the bot takes the thread back.
        reclaim_after;
        /// A regular expression that is found in the message's text; `Captures` has its groups.
        regex;
        /// `"message"` or `"story"`: the message answers one.
        reply_to;
        /// Message that is sent right before the thread is passed.
        say;
        /// `"linked"` or `"unlinked"`: what happened to the account.
        status;
        /// One text or several: the message's text is one of these. Case and surrounding space do
        /// not matter.
        text;
        /// The app that the thread goes to: `"page_inbox"`, `"instagram_inbox"`, a number, or a
        /// type that implements `Target`. In `#[handoff]` also `"default_app"`, and `"requester"`
        /// in `#[on_request_thread_control]`.
        to;
        /// `true` or `false`: whether the person sees that the bot has read what they wrote, and is
        /// typing until it has answered.
        typing;
        /// A time such as `"5m"` after which the bot takes the thread back if no human has answered.
        unclaimed_after;
        /// A function that is called after all other keys match: it takes `&Context` or extractors and
        /// returns `bool`; in `#[handoff]` it is a `fn(&Answer) -> bool`.
        when;
        /// One word or several: the message's text contains one of them as a whole word, whatever its
        /// case. Several words in one string have to follow each other.
        words;
    }
}

/// Of `#[fallback]`.
pub mod fallback {
    pub use super::keys::{object, pace, page, typing, when};
}

/// Of `#[on_account_linking]`.
pub mod on_account_linking {
    pub use super::keys::{object, page, status, when};
}

/// Of `#[on_app_roles]`.
pub mod on_app_roles {
    pub use super::keys::{object, page, when};
}

/// Of `#[on_delivery]`.
pub mod on_delivery {
    pub use super::keys::{object, page, when};
}

/// Of `#[on_echo]`.
pub mod on_echo {
    pub use super::keys::{by, object, page, when};
}

/// Of `#[on_error]`.
pub mod on_error {
    pub use super::keys::{object, page, when};
}

/// Of `#[on_event]`.
pub mod on_event {
    pub use super::keys::{name, object, page, when};
}

/// Of `#[on_feedback]`.
pub mod on_feedback {
    pub use super::keys::{object, page, when};
}

/// Of `#[on_handoff]`.
pub mod on_handoff {
    pub use super::keys::{kind, object, page, when};
}

/// Of `#[on_handoff_failed]`.
pub mod on_handoff_failed {
    pub use super::keys::{object, page, when};
}

/// Of `#[on_message]`.
pub mod on_message {
    pub use super::keys::{
        attachment, object, pace, page, quick_reply, regex, reply_to, text, typing, when, words,
    };
}

/// Of `#[on_message_deleted]`.
pub mod on_message_deleted {
    pub use super::keys::{object, page, when};
}

/// Of `#[on_message_edit]`.
pub mod on_message_edit {
    pub use super::keys::{object, page, when};
}

/// Of `#[on_optin]`.
pub mod on_optin {
    pub use super::keys::{object, page, payload, when};
}

/// Of `#[on_pass_thread_control]`.
pub mod on_pass_thread_control {
    pub use super::keys::{from, object, page, to, when};
}

/// Of `#[on_policy_enforcement]`.
pub mod on_policy_enforcement {
    pub use super::keys::{action, object, page, when};
}

/// Of `#[on_postback]`.
pub mod on_postback {
    pub use super::keys::{object, page, payload, typing, when};
}

/// Of `#[on_reaction]`.
pub mod on_reaction {
    pub use super::keys::{action, object, page, reaction, when};
}

/// Of `#[on_read]`.
pub mod on_read {
    pub use super::keys::{object, page, when};
}

/// Of `#[on_referral]`.
pub mod on_referral {
    pub use super::keys::{object, page, when};
}

/// Of `#[on_request_thread_control]`.
pub mod on_request_thread_control {
    pub use super::keys::{by, from, object, page, when};
}

/// Of `#[on_send_failed]`.
pub mod on_send_failed {
    pub use super::keys::{object, page, when};
}

/// Of `#[on_signal]`.
pub mod on_signal {
    pub use super::keys::{object, page, when};
}

/// Of `#[on_standby]`.
pub mod on_standby {
    pub use super::keys::{kind, object, page, payload, when};
}

/// Of `#[on_take_thread_control]`.
pub mod on_take_thread_control {
    pub use super::keys::{by, from, object, page, to, when};
}

/// Of `#[on_timer]`.
pub mod on_timer {
    pub use super::keys::{name, object, page, when};
}

/// Of `#[handoff]`.
pub mod handoff {
    pub use super::keys::{
        idle_after, metadata, on, reclaim_after, say, to, unclaimed_after, when,
    };
}
