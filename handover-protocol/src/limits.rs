//! Limits of the platform, to be checked before a call is made.
//!
//! ```
//! use handover_protocol::limits;
//!
//! let text = "hello";
//! assert!(text.chars().count() < limits::TEXT_CHARS_MESSENGER);
//! ```

/// A text on Messenger has fewer characters than this ("under 2000 characters": Send API, `message`).
pub const TEXT_CHARS_MESSENGER: usize = 2000;

/// A text on Instagram has at most this many bytes (Instagram messaging, send message).
pub const TEXT_BYTES_INSTAGRAM: usize = 1000;

/// A message has at most this many quick replies (Send API, quick replies).
pub const QUICK_REPLIES: usize = 13;

/// The title of a quick reply has at most this many characters (Send API, quick replies). Instagram
/// cuts a longer one off.
pub const QUICK_REPLY_TITLE: usize = 20;

/// The payload of a quick reply has at most this many characters (Send API, quick replies).
pub const QUICK_REPLY_PAYLOAD: usize = 1000;

/// The metadata of a message has fewer characters than this (Send API, `message`).
pub const MESSAGE_METADATA: usize = 1000;

/// The metadata of a thread control request has at most this many characters.
///
/// Meta documents no limit for Page threads. This is the one of the WhatsApp variant of the API,
/// which frameworks for Messenger enforce, too.
pub const HANDOVER_METADATA: usize = 2000;

/// Control is extended by at most this many seconds: 7 days (Conversation Routing, extend).
pub const EXTEND_SECONDS: u64 = 604_800;

/// Control ends this many seconds after the last message of the person: 24 hours (Conversation
/// Routing, thread states).
pub const CONTROL_SECONDS: u64 = 86_400;

/// A bot may send within this many seconds of the last message of the person: 24 hours (Messenger
/// policy, standard messaging window).
pub const WINDOW_SECONDS: u64 = 86_400;

/// With the tag `HUMAN_AGENT` people may answer within this many seconds of the last message of the
/// person: 7 days (Send API, message tags).
pub const HUMAN_AGENT_WINDOW_SECONDS: u64 = 604_800;
