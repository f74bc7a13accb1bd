//! Checks against the platform's limits.

use std::fmt::Display;

use thiserror::Error;

use crate::limits;

/// Something is larger than the platform accepts, or smaller.
///
/// ```
/// use handover_protocol::{Limit, Object, OutgoingMessage, QuickReply};
///
/// let message = OutgoingMessage {
///     quick_replies: vec![QuickReply::text("A title of many characters", "P")],
///     ..OutgoingMessage::text("Pick")
/// };
/// let exceeded = message.check(&Object::Page).unwrap_err();
/// assert_eq!(exceeded.limit, Limit::QuickReplyTitle);
/// assert_eq!(exceeded.field, "quick_replies[0].title");
/// assert_eq!((exceeded.limit.allowed(), exceeded.found), (20, 26));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{call}: {field} {}", .limit.against(*.found))]
#[non_exhaustive]
pub struct LimitExceeded {
    /// The name of the call, such as `messages`.
    pub call: &'static str,
    /// The field, such as `message.quick_replies[3].title`; counted from what was checked.
    pub field: String,
    /// The limit.
    pub limit: Limit,
    /// Actual value, in the unit of the limit.
    pub found: u64,
}

impl LimitExceeded {
    /// The same, seen from the object that `field` of is in.
    pub(crate) fn inside(mut self, outer: impl Display) -> Self {
        self.field = format!("{outer}.{}", self.field);
        self
    }

    pub(crate) fn of_call(mut self, call: &'static str) -> Self {
        self.call = call;
        self
    }
}

macro_rules! limits {
    ($($(#[$doc:meta])* $limit:ident: $least:expr, $most:expr, $unit:literal, $what_to_do:literal;)*) => {
        /// A limit of the platform; its value is in [`limits`](crate::limits), with its source.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Limit {
            $($(#[$doc])* $limit,)*
        }

        impl Limit {
            /// Smallest and largest value, unit, and what to do about larger ones.
            const fn row(self) -> (u64, u64, &'static str, &'static str) {
                match self {
                    $(Self::$limit => ($least as u64, $most as u64, $unit, $what_to_do),)*
                }
            }
        }
    };
}

limits! {
    /// `message.text` on Messenger.
    MessengerText: 0, limits::TEXT_CHARS_MESSENGER - 1, "characters", "split it into several messages";
    /// `message.text` on Instagram.
    InstagramText: 0, limits::TEXT_BYTES_INSTAGRAM, "bytes of UTF-8", "split it into several messages";
    /// The number of `message.quick_replies`.
    QuickReplies: 0, limits::QUICK_REPLIES, "quick replies", "offer fewer, or ask in two steps";
    /// `title` of a quick reply.
    QuickReplyTitle: 0, limits::QUICK_REPLY_TITLE, "characters", "shorten it, and explain in the text";
    /// `payload` of a quick reply.
    QuickReplyPayload: 0, limits::QUICK_REPLY_PAYLOAD, "characters",
        "keep the data in the session, and a key to it in the payload";
    /// `message.metadata`, which comes back with the echo.
    MessageMetadata: 0, limits::MESSAGE_METADATA - 1, "characters",
        "keep the data in the session, and a key to it in the metadata";
    /// The number of `message.attachments` on Messenger.
    MessengerImages: 0, limits::IMAGES_MESSENGER, "images", "send them in several messages";
    /// The number of `message.attachments` on Instagram.
    InstagramImages: 0, limits::IMAGES_INSTAGRAM, "images", "send them in several messages";
    /// The bytes of an attachment that is uploaded.
    AttachmentBytes: 0, limits::ATTACHMENT_BYTES, "bytes", "make it smaller, or send a link to it";
    /// A message holds `text` or something attached, not both.
    MessageContent: 0, 1, "of text, attachment and attachments",
        "send the text and the attachment as two messages";
    /// A call to `messages` holds `message` or `sender_action`, not both.
    RequestContent: 0, 1, "of message and sender_action",
        "send the message and the sender action in two calls";
    /// A recipient is named in one way.
    RecipientContent: 0, 1, "way to name them", "keep the id, if there is one";

    /// `metadata` of a thread control call.
    HandoverMetadata: 0, limits::HANDOVER_METADATA, "characters",
        "store the data where both apps can read it, and pass a key to it";
    /// `duration` of `extend_thread_control`.
    ExtendDuration: 0, limits::EXTEND_SECONDS, "seconds",
        "extend by 7 days at most, and again before they have passed";

    /// `title` of a button.
    ButtonTitle: 0, limits::BUTTON_TITLE, "characters", "shorten it, and explain in the text";
    /// `payload` of a button.
    ButtonPayload: 0, limits::BUTTON_PAYLOAD, "characters",
        "keep the data in the session, and a key to it in the payload";
    /// The number of `buttons` of a button template.
    Buttons: 1, limits::BUTTONS, "buttons", "offer fewer, or use quick replies";
    /// The number of `buttons` of an element.
    ElementButtons: 0, limits::BUTTONS, "buttons", "offer fewer, or use quick replies";
    /// `text` of a button template.
    ButtonTemplateText: 0, limits::BUTTON_TEMPLATE_TEXT, "characters", "send the text as a message before it";
    /// The number of `elements` of a generic template.
    Elements: 1, limits::ELEMENTS, "elements", "send them in several messages";
    /// `title` of an element.
    ElementTitle: 1, limits::ELEMENT_TITLE, "characters", "shorten it, and use the subtitle";
    /// `subtitle` of an element.
    ElementSubtitle: 0, limits::ELEMENT_SUBTITLE, "characters", "shorten it";
    /// What an element has beside its title.
    ElementContent: 1, u64::MAX, "of subtitle, image_url, default_action and buttons", "";
    /// The number of `elements` of a media template.
    MediaElements: 1, limits::MEDIA_ELEMENTS, "element", "send them in several messages";
    /// The number of `elements` of a receipt.
    ReceiptElements: 0, limits::RECEIPT_ELEMENTS, "elements", "sum some of them up in one";
    /// The number of `elements` of a product template.
    Products: 1, limits::PRODUCTS, "products", "send them in several messages";
    /// `title` of a coupon.
    CouponTitle: 1, limits::COUPON_TITLE, "characters", "shorten it, and use the subtitle";
    /// `subtitle` of a coupon.
    CouponSubtitle: 0, limits::COUPON_SUBTITLE, "characters", "shorten it";
    /// What a coupon is good for.
    CouponContent: 1, u64::MAX, "of coupon_code and coupon_url", "";
    /// `title` of a customer feedback template.
    FeedbackTitle: 1, limits::FEEDBACK_TITLE, "characters", "shorten it, and use the subtitle";
    /// `subtitle` of a customer feedback template.
    FeedbackSubtitle: 0, limits::FEEDBACK_SUBTITLE, "characters", "shorten it";
    /// `button_title` of a customer feedback template.
    FeedbackButtonTitle: 0, limits::FEEDBACK_BUTTON_TITLE, "characters", "shorten it";
    /// The number of `feedback_screens` of a customer feedback template.
    FeedbackScreens: 1, limits::FEEDBACK_SCREENS, "screen", "ask one thing at a time";
    /// The number of `questions` on a screen of a customer feedback template.
    FeedbackQuestions: 1, limits::FEEDBACK_QUESTIONS, "question", "ask one thing at a time";
    /// `id` of a question of a customer feedback template.
    FeedbackQuestionId: 1, limits::FEEDBACK_QUESTION_ID, "characters", "shorten it";
    /// Characters in the `id` of a question that must not be there.
    FeedbackQuestionIdOdd: 0, 0, "characters that are no letter, no digit and no _", "leave them out";
    /// `title` of a question of a customer feedback template.
    FeedbackQuestionTitle: limits::FEEDBACK_QUESTION_TITLE_LEAST, limits::FEEDBACK_QUESTION_TITLE,
        "characters", "shorten it";
    /// `expires_in_days` of a form.
    ExpiresInDays: 1, limits::EXPIRES_IN_DAYS, "days", "ask again when it has expired";
    /// The number of `elements` of an image grid.
    GridElements: 1, limits::GRID_ELEMENTS, "element", "send them in several messages";
    /// `title` of an image grid.
    GridTitle: 0, limits::GRID_TITLE, "characters", "shorten it, and use the subtitle";
    /// `subtitle` of an image grid.
    GridSubtitle: 0, limits::GRID_SUBTITLE, "characters", "shorten it";
    /// The number of `images` of an image grid.
    GridImages: limits::GRID_IMAGES_LEAST, limits::GRID_IMAGES, "images", "show fewer";
    /// `title` of a request for one notification.
    OneTimeTitle: 0, limits::ONE_TIME_TITLE, "characters", "shorten it";

    /// `payload` of Get Started.
    GetStartedPayload: 0, limits::GET_STARTED_PAYLOAD, "characters", "shorten it";
    /// `text` of a greeting.
    GreetingText: 0, limits::GREETING_TEXT, "characters", "shorten it";
    /// The number of ice breakers.
    IceBreakers: 0, limits::ICE_BREAKERS, "ice breakers", "offer fewer";
    /// The number of `call_to_actions` of a persistent menu.
    MenuItems: 0, limits::MENU_ITEMS, "items", "offer fewer, and the others in a message";
    /// `title` of an item of a persistent menu.
    MenuItemTitle: 0, limits::MENU_ITEM_TITLE, "characters", "shorten it";
    /// `payload` of an item of a persistent menu.
    MenuItemPayload: 0, limits::MENU_ITEM_PAYLOAD, "characters", "shorten it";
    /// The number of commands.
    Commands: 1, limits::COMMANDS, "commands", "offer fewer";
    /// `name` of a command.
    CommandName: 1, limits::COMMAND_NAME, "characters", "shorten it, and explain in the description";
    /// `description` of a command.
    CommandDescription: 1, limits::COMMAND_DESCRIPTION, "characters", "shorten it";
    /// The number of whitelisted domains.
    WhitelistedDomains: 0, limits::WHITELISTED_DOMAINS, "domains", "take some off the list";

    /// `name` of a persona.
    PersonaName: 0, limits::PERSONA_NAME, "characters", "shorten it";
    /// The number of `user_ids` that are moderated in one call.
    ModeratedPeople: 1, limits::MODERATED_PEOPLE, "people", "make several calls";
    /// The number of `actions` in one call that moderates.
    ModerationActions: 1, limits::MODERATION_ACTIONS, "actions", "make several calls";
    /// The number of calls in a batch.
    BatchItems: 0, limits::BATCH_ITEMS, "calls", "make several batches";
}

impl Limit {
    /// The largest value that the platform accepts.
    #[must_use]
    pub const fn allowed(self) -> u64 {
        self.row().1
    }

    /// The smallest value that the platform accepts.
    #[must_use]
    pub const fn least(self) -> u64 {
        self.row().0
    }

    fn against(self, found: u64) -> String {
        let (least, most, unit, what_to_do) = self.row();
        if found < least {
            format!("needs {least} {unit} or more, and this has {found}")
        } else {
            format!("is limited to {most} {unit}, and this has {found}; {what_to_do}")
        }
    }

    pub(crate) fn check(self, field: &str, found: u64) -> Result<(), LimitExceeded> {
        let (least, most, ..) = self.row();
        if (least..=most).contains(&found) {
            return Ok(());
        }
        Err(LimitExceeded {
            call: "messages",
            field: field.to_owned(),
            limit: self,
            found,
        })
    }

    pub(crate) fn characters(
        self,
        field: &str,
        text: &impl LimitText,
    ) -> Result<(), LimitExceeded> {
        let text = text.text();
        let (least, most, ..) = self.row();
        // No text has more characters than bytes.
        let is_short = text.len() as u64 <= most && (least == 0 || least == 1 && !text.is_empty());
        if is_short {
            return Ok(());
        }
        self.check(field, text.chars().count() as u64)
    }

    pub(crate) fn count<T>(self, field: &str, items: &[T]) -> Result<(), LimitExceeded> {
        self.check(field, items.len() as u64)
    }
}

/// A text; an absent one is empty.
pub(crate) trait LimitText {
    fn text(&self) -> &str;
}

impl LimitText for String {
    fn text(&self) -> &str {
        self
    }
}

impl LimitText for Option<String> {
    fn text(&self) -> &str {
        self.as_deref().unwrap_or_default()
    }
}

/// Number of items.
pub(crate) fn present(parts: &[bool]) -> u64 {
    parts.iter().filter(|part| **part).count() as u64
}

/// Checks each item of a list.
pub(crate) fn each<T>(
    field: &str,
    items: &[T],
    check: impl Fn(&T) -> Result<(), LimitExceeded>,
) -> Result<(), LimitExceeded> {
    items.iter().enumerate().try_for_each(|(at, item)| {
        check(item).map_err(|exceeded| exceeded.inside(format_args!("{field}[{at}]")))
    })
}

/// Gives a type its method `check`.
macro_rules! checked {
    ($type:ty: |$this:ident| $check:block) => {
        impl $type {
            /// Checks it against the platform's limits.
            ///
            /// # Errors
            ///
            /// Names the first limit that it exceeds.
            pub fn check(&self) -> Result<(), $crate::LimitExceeded> {
                let $this = self;
                $check
            }
        }
    };
    ($type:ty: |$this:ident, $product:ident| $check:block) => {
        impl $type {
            /// Checks it against the limits of the product it is for.
            ///
            /// # Errors
            ///
            /// Names the first limit that it exceeds.
            pub fn check(&self, $product: &$crate::Object) -> Result<(), $crate::LimitExceeded> {
                let $this = self;
                $check
            }
        }
    };
}
pub(crate) use checked;

/// Checks the size of an attachment that is to be uploaded, in bytes.
///
/// ```
/// use handover_protocol::{check_upload, limits};
///
/// assert!(check_upload(limits::ATTACHMENT_BYTES).is_ok());
/// assert!(check_upload(limits::ATTACHMENT_BYTES + 1).is_err());
/// ```
///
/// # Errors
///
/// If the platform does not accept attachments of that size.
pub fn check_upload(bytes: u64) -> Result<(), LimitExceeded> {
    Limit::AttachmentBytes.check("filedata", bytes)
}
