//! What is a message by itself, without being made one.

use std::borrow::Cow;

use handover_protocol::{
    ButtonTemplate, CouponTemplate, CustomerFeedbackTemplate, CustomerInformationTemplate,
    GenericTemplate, ImageGridTemplate, InstantFormTemplate, MediaTemplate,
    NotificationMessagesTemplate, OneTimeNotificationTemplate, OutgoingAttachment, OutgoingMessage,
    ProductTemplate, ReceiptTemplate, Template,
};

use super::{
    Audio, Carousel, File, HandlerError, Image, IntoOutcome, Message, Outcome, Video,
    speaking_outcomes,
};
use crate::trigger::OwnsThread;

macro_rules! said {
    ($($type:ty),* $(,)?) => {
        $(
            impl From<$type> for Outcome {
                fn from(said: $type) -> Self {
                    Message::from(said).into()
                }
            }
        )*
        speaking_outcomes!($($type),*);
    };
}

said!(
    &'static str,
    String,
    Cow<'static, str>,
    Image,
    Audio,
    Video,
    File,
    Carousel,
    OutgoingAttachment,
    OutgoingMessage,
);

macro_rules! templates {
    ($($template:ty),* $(,)?) => {
        $(
            impl From<$template> for Message {
                fn from(template: $template) -> Self {
                    Self::template(template)
                }
            }
        )*
        said!($($template),*);
    };
}

templates!(
    ButtonTemplate,
    CouponTemplate,
    CustomerFeedbackTemplate,
    CustomerInformationTemplate,
    GenericTemplate,
    ImageGridTemplate,
    InstantFormTemplate,
    MediaTemplate,
    NotificationMessagesTemplate,
    OneTimeNotificationTemplate,
    ProductTemplate,
    ReceiptTemplate,
    Template,
);
