//! Templates: messages with more than words.

mod button;
mod button_template;
mod coupon;
mod customer_feedback;
mod customer_information;
mod generic;
mod image_grid;
mod instant_form;
mod media;
mod notification_messages;
mod one_time_notification;
mod product;
mod receipt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

pub use button::{Button, GameMetadata};
pub use button_template::ButtonTemplate;
pub use coupon::CouponTemplate;
pub use customer_feedback::{
    BusinessPrivacy, CustomerFeedbackTemplate, FeedbackFollowUp, FeedbackQuestion, FeedbackScreen,
};
pub use customer_information::CustomerInformationTemplate;
pub use generic::{Element, GenericTemplate};
pub use image_grid::{GridAction, GridElement, GridImage, ImageGridTemplate};
pub use instant_form::InstantFormTemplate;
pub use media::{MediaElement, MediaTemplate};
pub use notification_messages::NotificationMessagesTemplate;
pub use one_time_notification::OneTimeNotificationTemplate;
pub use product::{ProductElement, ProductTemplate};
pub use receipt::{ReceiptAdjustment, ReceiptElement, ReceiptSummary, ReceiptTemplate};

use crate::LimitExceeded;

const TEMPLATE_TYPE: &str = "template_type";

macro_rules! templates {
    ($($(#[$doc:meta])* $kind:ident($template:ty) = $name:literal,)*) => {
        /// A template, to be sent as an attachment: see [`OutgoingMessage::template`](crate::OutgoingMessage::template).
        ///
        /// ```json
        /// {"template_type":"button","text":"Hi!","buttons":[{"type":"postback","title":"Start","payload":"START"}]}
        /// ```
        ///
        /// ```
        /// use handover_protocol::{Button, ButtonTemplate, OutgoingMessage, Template};
        ///
        /// let hi = ButtonTemplate::new("Hi!", [Button::postback("Start", "START")]);
        /// let message = OutgoingMessage::template(hi.clone());
        /// let sent = message.attachment.unwrap().payload.template();
        /// assert_eq!(sent, Some(Template::Button(hi)));
        /// ```
        #[derive(Debug, Clone, PartialEq)]
        #[allow(clippy::large_enum_variant, reason = "a template is made, sent and gone")]
        pub enum Template {
            $($(#[$doc])* $kind($template),)*
            /// Any other template, such as those that Meta has retired, with its `template_type`.
            Other(Map<String, Value>),
        }

        impl Template {
            /// The types that have a variant.
            const KINDS: &[&str] = &[$($name),*];

            /// The name on the wire, `template_type`.
            pub fn kind(&self) -> &str {
                match self {
                    $(Self::$kind(_) => $name,)*
                    Self::Other(template) => {
                        template.get(TEMPLATE_TYPE).and_then(Value::as_str).unwrap_or_default()
                    }
                }
            }

            /// Checks it against the platform's limits.
            ///
            /// # Errors
            ///
            /// Names the first limit that it exceeds.
            pub fn check(&self) -> Result<(), LimitExceeded> {
                match self {
                    $(Self::$kind(template) => template.check(),)*
                    Self::Other(_) => Ok(()),
                }
            }

            pub(crate) fn to_map(&self) -> Map<String, Value> {
                let template = match self {
                    $(Self::$kind(template) => serde_json::to_value(template),)*
                    Self::Other(template) => return template.clone(),
                };
                let mut map = match template {
                    Ok(Value::Object(map)) => map,
                    _ => Map::new(),
                };
                map.insert(TEMPLATE_TYPE.to_owned(), self.kind().into());
                map
            }
        }

        impl From<Map<String, Value>> for Template {
            fn from(mut template: Map<String, Value>) -> Self {
                match template.get(TEMPLATE_TYPE).and_then(Value::as_str) {
                    $(Some($name) => {
                        template.remove(TEMPLATE_TYPE);
                        Self::$kind(template.into())
                    })*
                    _ => Self::Other(template),
                }
            }
        }

        $(
            impl From<$template> for Template {
                fn from(template: $template) -> Self {
                    Self::$kind(template)
                }
            }
        )*
    };
}

templates! {
    /// A text with buttons.
    Button(ButtonTemplate) = "button",
    /// Cards side by side.
    Generic(GenericTemplate) = "generic",
    /// A picture or film with buttons.
    Media(MediaTemplate) = "media",
    /// A receipt.
    Receipt(Box<ReceiptTemplate>) = "receipt",
    /// Products of the shop.
    Product(ProductTemplate) = "product",
    /// A coupon.
    Coupon(CouponTemplate) = "coupon",
    /// A question about how content the person is.
    CustomerFeedback(CustomerFeedbackTemplate) = "customer_feedback",
    /// A form of several screens.
    CustomerInformation(CustomerInformationTemplate) = "customer_information",
    /// A lead form.
    InstantForm(InstantFormTemplate) = "instant_form",
    /// Several pictures with buttons.
    ImageGrid(ImageGridTemplate) = "image_grid",
    /// A request to be allowed one message.
    OneTimeNotification(OneTimeNotificationTemplate) = "one_time_notif_req",
    /// A request to be allowed marketing messages.
    NotificationMessages(NotificationMessagesTemplate) = "notification_messages",
}

impl From<ReceiptTemplate> for Template {
    fn from(receipt: ReceiptTemplate) -> Self {
        Box::new(receipt).into()
    }
}

impl From<Map<String, Value>> for Box<ReceiptTemplate> {
    fn from(receipt: Map<String, Value>) -> Self {
        Self::new(receipt.into())
    }
}

impl Template {
    /// The template that a payload with a `template_type` is.
    pub(crate) fn of_payload(payload: &impl Serialize) -> Option<Self> {
        match serde_json::to_value(payload) {
            Ok(Value::Object(payload)) => Some(payload.into()),
            _ => None,
        }
    }

    /// Reads a payload whose key is the type, as Instagram writes it: `{"generic":{"elements":[…]}}`. An
    /// unknown type counts as a template only if it is the only key.
    pub(crate) fn of_keyed(payload: &Map<String, Value>, has_other_keys: bool) -> Option<Self> {
        let known = Self::KINDS
            .iter()
            .find_map(|kind| payload.get_key_value(*kind));
        let (kind, content) = known.or_else(|| {
            let only = payload.iter().next();
            let only = only.filter(|_| payload.len() == 1 && !has_other_keys);
            only.filter(|(_, content)| content.is_object())
        })?;
        let mut template = match content {
            Value::Object(template) => template.clone(),
            Value::Array(elements) => {
                Map::from_iter([("elements".to_owned(), elements.clone().into())])
            }
            Value::Null => Map::new(),
            _ => return None,
        };
        template.insert(TEMPLATE_TYPE.to_owned(), kind.as_str().into());
        Some(template.into())
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_map().serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Map::deserialize(deserializer).map(Self::from)
    }
}
