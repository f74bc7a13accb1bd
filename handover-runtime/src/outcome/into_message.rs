//! Conversions into messages.

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

macro_rules! into_message {
    ($($type:ty),* $(,)?) => {
        $(
            impl From<$type> for Outcome {
                fn from(into_message: $type) -> Self {
                    Message::from(into_message).into()
                }
            }
        )*
        speaking_outcomes!($($type),*);
    };
}

into_message!(
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
        into_message!($($template),*);
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
