//! Values of [`GraphErrorObject::error_subcode`](crate::GraphErrorObject::error_subcode) that programs
//! decide on. Some are printed as codes in Meta's documentation: look for them in either place.
//!
//! ```
//! use handover_protocol::subcode;
//!
//! let not_owner =
//!     |code| matches!(code, subcode::NOT_THREAD_OWNER | subcode::NOT_THREAD_OWNER_INSTAGRAM);
//! assert!(not_owner(2018300));
//! ```

/// Another app controls the thread (with code 10).
pub const NOT_THREAD_OWNER: i64 = 2_018_300;
/// Another app controls the thread, on Instagram (with code 100).
pub const NOT_THREAD_OWNER_INSTAGRAM: i64 = 2_534_037;
/// The person has not written for too long (with code 10).
pub const OUTSIDE_WINDOW: i64 = 2_018_278;
/// The person has not written for too long, on Instagram (with code 10).
pub const OUTSIDE_WINDOW_INSTAGRAM: i64 = 2_534_022;
/// The person has not written for too long, for news publishers (with code 10).
pub const OUTSIDE_WINDOW_NEWS: i64 = 2_018_065;
/// The person cannot receive messages now (with code 10).
pub const CANNOT_RECEIVE_NOW: i64 = 2_018_108;
/// Taking control is not supported without Conversation Routing (with code 27).
pub const TAKE_NOT_SUPPORTED: i64 = 2_534_118;
/// There is no such app to pass the thread to (with code 100).
pub const WRONG_APP_ID: i64 = 2_018_164;
/// There is no such person (with code 100).
pub const NO_SUCH_PERSON: i64 = 2_018_001;
/// There is no such person, on Instagram (with code 100).
pub const NO_SUCH_PERSON_INSTAGRAM: i64 = 2_534_014;
/// The platform could not fetch the attachment (with code 100). Worth a few retries.
pub const MEDIA_NOT_FETCHED: i64 = 2_018_008;
/// The platform could not fetch the video in time (with code 100). Worth a few retries.
pub const MEDIA_TIMED_OUT: i64 = 2_018_294;
/// A message and a sender action in one request (with code 100).
pub const MESSAGE_AND_ACTION: i64 = 2_018_014;
/// The attachment is not of the kind it claims to be (with code 100).
pub const MEDIA_WRONG_KIND: i64 = 2_018_047;
/// The attachment id belongs to another app or account (with code 100).
pub const MEDIA_NOT_YOURS: i64 = 2_018_074;
/// The attachment is too big (with code 100).
pub const MEDIA_TOO_BIG: i64 = 2_018_109;
/// Part of a batch may have been delivered: do not repeat it (with code 1).
pub const MAY_HAVE_BEEN_DELIVERED: i64 = 1_357_046;
/// The person cannot be reached, or the window is closed (with code 200 or 551).
pub const PERSON_NOT_AVAILABLE: i64 = 1_545_041;
/// A flow of Messenger's own controls the chat; wait for its end.
pub const MESSENGER_FLOW: i64 = 2_018_321;
/// The app has no role on the Page (Handover Protocol of old).
pub const NO_ROLE: i64 = 2_018_171;
/// A secondary receiver may not see the others (Handover Protocol of old).
pub const SECONDARIES_HIDDEN: i64 = 2_018_234;
/// The access token has expired (with code 190).
pub const TOKEN_EXPIRED: i64 = 463;
/// The access token is invalid (with code 190).
pub const TOKEN_INVALID: i64 = 467;
