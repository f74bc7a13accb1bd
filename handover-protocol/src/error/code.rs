//! Values of [`GraphErrorObject::code`](crate::GraphErrorObject::code) that programs decide on.
//!
//! ```
//! use handover_protocol::code;
//!
//! let retry_later = |code| matches!(code, code::APP_RATE_LIMIT | code::PAGE_RATE_LIMIT);
//! assert!(retry_later(4));
//! ```

/// Unknown; may also hide a missing permission. Worth a few retries.
pub const UNKNOWN: i64 = 1;
/// The service is down for a moment. Worth a few retries.
pub const SERVICE: i64 = 2;
/// The app lacks a capability.
pub const CAPABILITY: i64 = 3;
/// The app has made too many calls.
pub const APP_RATE_LIMIT: i64 = 4;
/// The app lacks a permission. The subcode may say something else altogether.
pub const PERMISSION: i64 = 10;
/// The user has made too many calls.
pub const USER_RATE_LIMIT: i64 = 17;
/// Taking control is not supported without Conversation Routing, or not switched on for the app.
pub const TAKE_NOT_SUPPORTED: i64 = 27;
/// Too many calls for this Page.
pub const PAGE_RATE_LIMIT: i64 = 32;
/// A parameter is wrong. The subcode may say something else altogether.
pub const PARAMETER: i64 = 100;
/// The session is over.
pub const SESSION: i64 = 102;
/// The access token is invalid or has expired.
pub const TOKEN: i64 = 190;
/// The token lacks a permission; also while the app is not reviewed and the person has no role on it.
pub const TOKEN_PERMISSION: i64 = 200;
/// The app has reached a limit.
pub const APP_LIMIT: i64 = 341;
/// Blocked for a while for breaking a policy.
pub const BLOCKED: i64 = 368;
/// The same message was sent twice.
pub const DUPLICATE: i64 = 506;
/// The person cannot be reached.
pub const PERSON_NOT_AVAILABLE: i64 = 551;
/// Too many calls of this kind.
pub const CUSTOM_RATE_LIMIT: i64 = 613;
/// The Pages API is used too much for this business.
pub const PAGES_USE_CASE_LIMIT: i64 = 80_001;
/// The Instagram API is used too much for this business.
pub const INSTAGRAM_USE_CASE_LIMIT: i64 = 80_002;
/// The Messenger API is used too much for this business.
pub const MESSENGER_USE_CASE_LIMIT: i64 = 80_006;
/// The message is deleted, or too old to be looked up.
pub const MESSAGE_GONE: i64 = 9_000_001;
