//! Webhook bodies: the types to write them with, and the reader that copes with all of them.

mod account_linking;
mod attachment;
mod call;
mod change;
mod channel;
mod coupon_click;
mod customer_information;
mod delivery;
mod envelope;
mod event;
mod feedback;
mod game_play;
mod group_feed;
mod handover;
mod hop_context;
mod lead;
mod lead_form;
mod marketing_message;
mod message;
mod message_edit;
mod optin;
mod order;
mod payment;
mod policy_enforcement;
mod postback;
mod prior_message;
mod reaction;
mod read;
mod referral;
mod surrogates;

pub use account_linking::AccountLinking;
pub use attachment::{Attachment, AttachmentPayload, Coordinates, SharedProduct, SharedProducts};
pub use call::{CallSession, VoiceCall};
pub use change::{
    Author, CommentedMedia, Feed, InboxLabel, InstagramComment, InstagramMention, Leadgen,
    PageLabel,
};
pub use channel::Channel;
pub use coupon_click::CouponClick;
pub use customer_information::{
    CustomerInformation, CustomerInformationAnswer, CustomerInformationAnswers,
};
pub use delivery::{Delivery, Read};
pub use envelope::{Change, Entry, Envelope};
pub use event::{Event, EventBody, Party};
pub use feedback::{Feedback, FeedbackAnswer, FeedbackAnswers, FollowUpAnswer, ResponseFeedback};
pub use game_play::GamePlay;
pub use group_feed::GroupFeed;
pub use handover::{AppRoles, PassThreadControl, RequestThreadControl, TakeThreadControl};
pub use hop_context::HopContext;
pub use lead::{Lead, LeadAnswer};
pub use lead_form::LeadForm;
pub use marketing_message::MarketingMessage;
pub use message::{DetectedLocale, InvokedCommand, Message, Nlp, QuickReplyChoice, ReplyTo, Story};
pub use message_edit::MessageEdit;
pub use optin::Optin;
pub use order::{Order, OrderedProduct};
pub use payment::{
    CheckoutAddress, CheckoutUpdate, Payment, PaymentAmount, PaymentCredential, PreCheckout,
    RequestedUserInfo,
};
pub use policy_enforcement::PolicyEnforcement;
pub use postback::Postback;
pub use prior_message::PriorMessage;
pub use reaction::Reaction;
pub use read::{ReadError, Received, Webhook, read};
pub use referral::{AdContext, Referral, ReferredProduct};
