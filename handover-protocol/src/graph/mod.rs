//! Types of other Graph API calls.

mod account_linking;
mod attachment_upload;
mod batch;
mod conversation;
mod id_for_page;
mod label;
mod listing;
mod message_template;
mod moderation;
mod persona;
mod sticker;
mod subscription;
mod token;
mod usage;
mod user_profile;

pub use account_linking::{LinkedAccount, UnlinkAccount};
pub use attachment_upload::{AttachmentUpload, UploadMessage, UploadedAttachment};
pub use batch::{BatchHeader, BatchItem, BatchRequest, BatchResponse};
pub use conversation::{Conversation, ConversationMessage, ConversationParty, Participants};
pub use id_for_page::{IdForPage, PageOfPerson};
pub use label::{Created, LabelledPerson};
pub use listing::{Cursors, Listing, Paging};
pub use message_template::MessageTemplate;
pub use moderation::{ModerateConversations, ModeratedPerson, ModerationAction};
pub use persona::Persona;
pub use sticker::{Sticker, StickerPack};
pub use subscription::{AppSubscription, SubscribedApp, SubscribedField};
pub use token::{AccessToken, DebugToken, DebuggedToken, GranularScope, PageCategory, PageToken};
pub use usage::{AppUsage, BusinessUsage, business_usage};
pub use user_profile::UserProfile;
