//! The wire types of the Messenger Platform: what a bot, an inbox and a simulator say to each other
//! about a conversation on Messenger or Instagram, and about who controls it.
//!
//! * **Webhooks**: [`read`] turns the body of a webhook into a list of [`Received`] events, whatever
//!   the body looks like. [`Envelope`], [`Entry`] and [`Event`] write one.
//! * **Send API**: [`SendRequest`] and [`SendResponse`], and a type for each [`Template`].
//! * **Thread control**: [`PassThreadControlRequest`] and its siblings, [`ThreadOwners`].
//! * **Setup and people**: [`MessengerProfile`], [`AppSubscription`], [`UserProfile`], [`Persona`],
//!   [`Conversation`], [`DebugToken`] and their like; lists are a [`Listing`], many calls in one a
//!   [`BatchRequest`].
//! * **Errors**: [`ErrorBody`], with the [`code`]s and [`subcode`]s programs decide on.
//! * **Limits** of the platform: [`limits`]. What can exceed one has a method `check`.
//!
//! Types only: no I/O and no async.
//!
//! ```
//! use handover_protocol::{Channel, EventBody, read};
//!
//! let body = br#"{"object":"page","entry":[{"id":"104508901353867","time":1458692752478,"messaging":[
//!     {"sender":{"id":"5794982867201265"},"recipient":{"id":"104508901353867"},
//!      "timestamp":1458692752478,"message":{"mid":"m_abc","text":"hello"}}]}]}"#;
//!
//! for received in read(body)?.received {
//!     assert_eq!(received.channel, Channel::Messaging);
//!     match &received.event.body {
//!         EventBody::Message(message) => assert_eq!(message.text.as_deref(), Some("hello")),
//!         other => println!("something else: {}", other.kind()),
//!     }
//! }
//! # Ok::<(), handover_protocol::ReadError>(())
//! ```
//!
//! # What reading tolerates
//!
//! Bodies of the platform vary: ids and app ids are strings or numbers, times are milliseconds or
//! seconds, absent things are `null` or missing. All of it is read alike. Every struct that mirrors a
//! JSON object keeps the keys it has no field for in `extra`, and so it does with a value that does
//! not fit its field: reading an object never fails and loses nothing.

mod app;
mod builder;
mod error;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod graph;
mod id;
mod json;
mod lenient;
mod limit;
pub mod limits;
mod object;
#[doc(hidden)]
pub mod pages;
mod postal_address;
mod profile;
mod send;
mod template;
mod thread_control;
mod timestamp;
mod webhook;
#[cfg(feature = "whatsapp")]
mod whatsapp;

pub use error::{ErrorBody, GraphErrorObject, code, subcode};
pub use graph::{
    AccessToken, AppSubscription, AppUsage, AttachmentUpload, BatchHeader, BatchItem, BatchRequest,
    BatchResponse, BusinessUsage, Conversation, ConversationMessage, ConversationParty, Created,
    Cursors, DebugToken, DebuggedToken, GranularScope, IdForPage, LabelledPerson, LinkedAccount,
    Listing, MessageTemplate, ModerateConversations, ModeratedPerson, ModerationAction,
    PageCategory, PageOfPerson, PageToken, Paging, Participants, Persona, Sticker, StickerPack,
    SubscribedApp, SubscribedField, UnlinkAccount, UploadMessage, UploadedAttachment, UserProfile,
    business_usage,
};
pub use id::{AccountId, AppId, PersonId};
pub use limit::{Limit, LimitExceeded, check_upload};
pub use object::Object;
pub use postal_address::PostalAddress;
pub use profile::{
    Command, DeleteProfile, DeleteUserSettings, GetStarted, Greeting, IceBreaker,
    IceBreakerQuestion, LocalizedCommands, MessengerProfile, PersistentMenu, ResultText,
    UserSettings, UserSettingsRow,
};
pub use send::{
    ControlType, MessageTag, MessagingType, NotificationType, OutgoingAttachment,
    OutgoingAttachmentPayload, OutgoingMessage, QuickReply, ReactionTarget, Recipient,
    RecipientName, ReplyTarget, SendRequest, SendResponse, SendThreadControl, SenderAction,
    TemplateComponent, TemplateLanguage, TemplateParameter, UtilityTemplate,
};
pub use template::{
    BusinessPrivacy, Button, ButtonTemplate, CouponTemplate, CustomerFeedbackTemplate,
    CustomerInformationTemplate, Element, FeedbackFollowUp, FeedbackQuestion, FeedbackScreen,
    GameMetadata, GenericTemplate, GridAction, GridElement, GridImage, ImageGridTemplate,
    InstantFormTemplate, MediaElement, MediaTemplate, NotificationMessagesTemplate,
    OneTimeNotificationTemplate, ProductElement, ProductTemplate, ReceiptAdjustment,
    ReceiptElement, ReceiptSummary, ReceiptTemplate, Template,
};
pub use thread_control::{
    ExtendThreadControlRequest, MessagingFeatureStatus, MessagingFeatures,
    PassThreadControlRequest, ReleaseThreadControlRequest, RequestThreadControlRequest,
    SecondaryReceiver, SecondaryReceivers, Success, TakeThreadControlRequest, ThreadOwner,
    ThreadOwnerRow, ThreadOwners,
};
pub use timestamp::Timestamp;
pub use webhook::{
    AccountLinking, AdContext, AppRoles, Attachment, AttachmentPayload, Author, CallSession,
    Change, Channel, CheckoutAddress, CheckoutUpdate, CommentedMedia, Coordinates, CouponClick,
    CustomerInformation, CustomerInformationAnswer, CustomerInformationAnswers, Delivery,
    DetectedLocale, Entry, Envelope, Event, EventBody, Feed, Feedback, FeedbackAnswer,
    FeedbackAnswers, FollowUpAnswer, GamePlay, GroupFeed, HopContext, InboxLabel, InstagramComment,
    InstagramMention, InvokedCommand, Lead, LeadAnswer, LeadForm, Leadgen, MarketingMessage,
    Message, MessageEdit, Nlp, Optin, Order, OrderedProduct, PageLabel, Party, PassThreadControl,
    Payment, PaymentAmount, PaymentCredential, PolicyEnforcement, Postback, PreCheckout,
    PriorMessage, QuickReplyChoice, Reaction, Read, ReadError, Received, Referral, ReferredProduct,
    ReplyTo, RequestThreadControl, RequestedUserInfo, ResponseFeedback, SharedProduct,
    SharedProducts, Story, TakeThreadControl, VoiceCall, Webhook, read,
};
#[cfg(feature = "whatsapp")]
pub use whatsapp::{
    WhatsAppControlPass, WhatsAppEvent, WhatsAppHandover, WhatsAppStandby, WhatsAppStandbyEvents,
    WhatsAppThreadControl, WhatsAppThreadControlAnswer,
};

/// Its snippet is compiled with the documentation's.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ProtocolReadme;
