//! Webhook bodies: the types to write them with, and the reader that copes with all of them.

mod account_linking;
mod attachment;
mod channel;
mod delivery;
mod envelope;
mod event;
mod handover;
mod message;
mod optin;
mod postback;
mod reaction;
mod read;
mod referral;
mod surrogates;

pub use account_linking::AccountLinking;
pub use attachment::{Attachment, AttachmentPayload, Coordinates};
pub use channel::Channel;
pub use delivery::{Delivery, Read};
pub use envelope::{Change, Entry, Envelope};
pub use event::{Event, EventBody, Party};
pub use handover::{AppRoles, PassThreadControl, RequestThreadControl, TakeThreadControl};
pub use message::{Message, QuickReplyChoice, ReplyTo, Story};
pub use optin::Optin;
pub use postback::Postback;
pub use reaction::Reaction;
pub use read::{ReadError, Received, Webhook, read};
pub use referral::Referral;
