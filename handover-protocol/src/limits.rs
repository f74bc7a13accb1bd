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

/// A message to Messenger has at most this many images (Send API, `attachments`).
pub const IMAGES_MESSENGER: usize = 30;

/// A message to Instagram has at most this many images (Instagram messaging, send message).
pub const IMAGES_INSTAGRAM: usize = 10;

/// An image that the platform fetches has at most this many bytes: 8 MB (Send API, attachments). Not
/// checked here: only the platform downloads it.
pub const IMAGE_BYTES_BY_URL: u64 = 8_000_000;

/// Any other attachment has at most this many bytes: 25 MB (Send API, attachments).
pub const ATTACHMENT_BYTES: u64 = 25_000_000;

/// The title of a button has at most this many characters (templates, buttons).
pub const BUTTON_TITLE: usize = 20;

/// The payload of a button has at most this many characters (templates, buttons).
pub const BUTTON_PAYLOAD: usize = 1000;

/// A template, or an element of one, has at most this many buttons (button and generic template).
pub const BUTTONS: usize = 3;

/// The text of a button template has at most this many characters (button template).
pub const BUTTON_TEMPLATE_TEXT: usize = 640;

/// A generic template has at most this many elements (generic template).
pub const ELEMENTS: usize = 10;

/// The title of an element has at most this many characters (generic template).
pub const ELEMENT_TITLE: usize = 80;

/// The subtitle of an element has at most this many characters (generic template).
pub const ELEMENT_SUBTITLE: usize = 80;

/// A media template has exactly this many elements (media template).
pub const MEDIA_ELEMENTS: usize = 1;

/// A receipt has at most this many elements (receipt template).
pub const RECEIPT_ELEMENTS: usize = 100;

/// A product template has at most this many products (product template).
pub const PRODUCTS: usize = 10;

/// The title of a coupon has at most this many characters (coupon template).
pub const COUPON_TITLE: usize = 80;

/// The subtitle of a coupon has at most this many characters (coupon template).
pub const COUPON_SUBTITLE: usize = 80;

/// The title of a customer feedback template has at most this many characters (customer feedback
/// template).
pub const FEEDBACK_TITLE: usize = 65;

/// The subtitle of a customer feedback template has at most this many characters (customer feedback
/// template).
pub const FEEDBACK_SUBTITLE: usize = 80;

/// The button of a customer feedback template has at most this many characters (customer feedback
/// template).
pub const FEEDBACK_BUTTON_TITLE: usize = 20;

/// A customer feedback template has exactly this many screens (customer feedback template).
pub const FEEDBACK_SCREENS: usize = 1;

/// A screen of a customer feedback template has exactly this many questions (customer feedback
/// template).
pub const FEEDBACK_QUESTIONS: usize = 1;

/// The id of a question has at most this many characters, `[A-Za-z0-9_]` (customer feedback template).
pub const FEEDBACK_QUESTION_ID: usize = 80;

/// The title of a question has at least this many characters (customer feedback template).
pub const FEEDBACK_QUESTION_TITLE_LEAST: usize = 5;

/// The title of a question has at most this many characters (customer feedback template).
pub const FEEDBACK_QUESTION_TITLE: usize = 85;

/// A form expires after at most this many days (customer feedback and structured information
/// template).
pub const EXPIRES_IN_DAYS: u32 = 7;

/// An image grid has exactly this many elements (image grid template).
pub const GRID_ELEMENTS: usize = 1;

/// The title of an image grid has at most this many characters (image grid template).
pub const GRID_TITLE: usize = 45;

/// The subtitle of an image grid has at most this many characters (image grid template).
pub const GRID_SUBTITLE: usize = 80;

/// An image grid has at least this many images (image grid template).
pub const GRID_IMAGES_LEAST: usize = 2;

/// An image grid has at most this many images (image grid template).
pub const GRID_IMAGES: usize = 6;

/// The title of a request for one notification has at most this many characters (generally known, no
/// longer documented).
pub const ONE_TIME_TITLE: usize = 65;

/// The payload of Get Started has at most this many characters (Messenger Profile, get_started).
pub const GET_STARTED_PAYLOAD: usize = 1000;

/// A greeting has at most this many characters (generally known, no longer documented).
pub const GREETING_TEXT: usize = 160;

/// There are at most this many ice breakers (Messenger Profile, ice_breakers).
pub const ICE_BREAKERS: usize = 4;

/// A persistent menu has at most this many items (Messenger Profile, persistent_menu).
pub const MENU_ITEMS: usize = 20;

/// The title of an item of a menu has at most this many characters (Messenger Profile,
/// persistent_menu).
pub const MENU_ITEM_TITLE: usize = 30;

/// The payload of an item of a menu has at most this many characters (Messenger Profile,
/// persistent_menu).
pub const MENU_ITEM_PAYLOAD: usize = 1000;

/// There are at most this many commands for a locale (Messenger Profile, commands).
pub const COMMANDS: usize = 100;

/// The name of a command has at most this many characters (Messenger Profile, commands).
pub const COMMAND_NAME: usize = 32;

/// The description of a command has at most this many characters (Messenger Profile, commands).
pub const COMMAND_DESCRIPTION: usize = 64;

/// There are at most this many whitelisted domains (Messenger Profile, whitelisted_domains).
pub const WHITELISTED_DOMAINS: usize = 50;

/// The name of a persona has at most this many characters (personas).
pub const PERSONA_NAME: usize = 50;

/// One call moderates at most this many people (moderate_conversations).
pub const MODERATED_PEOPLE: usize = 10;

/// One call has at most this many actions (moderate_conversations).
pub const MODERATION_ACTIONS: usize = 2;

/// A batch has at most this many calls (Graph API, batch requests).
pub const BATCH_ITEMS: usize = 50;
