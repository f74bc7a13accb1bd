//! Message tags.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::lenient::from_json_by_serde;

macro_rules! tags {
    ($($(#[$doc:meta])* $tag:ident = $name:literal,)*) => {
        /// Why a message may be sent outside the 24 h window; goes with
        /// [`MessagingType::MessageTag`](crate::MessagingType::MessageTag).
        ///
        /// ```
        /// use handover_protocol::MessageTag;
        ///
        /// assert_eq!(MessageTag::from("HUMAN_AGENT"), MessageTag::HumanAgent);
        /// assert_eq!(MessageTag::from("NEW_TAG").as_str(), "NEW_TAG");
        /// assert!(MessageTag::AccountUpdate.is_retired());
        /// ```
        #[derive(Debug, Clone, PartialEq, Eq, Hash)]
        pub enum MessageTag {
            $($(#[$doc])* $tag,)*
            /// Any other tag.
            Other(String),
        }

        impl MessageTag {
            /// The name on the wire.
            pub fn as_str(&self) -> &str {
                match self {
                    $(Self::$tag => $name,)*
                    Self::Other(name) => name,
                }
            }
        }

        impl From<String> for MessageTag {
            fn from(name: String) -> Self {
                match name.as_str() {
                    $($name => Self::$tag,)*
                    _ => Self::Other(name),
                }
            }
        }
    };
}

tags! {
    /// `HUMAN_AGENT`: a human answers, within 7 days. Not for what a bot says by itself.
    HumanAgent = "HUMAN_AGENT",
    /// `CUSTOMER_FEEDBACK`: a customer feedback template, within 7 days.
    CustomerFeedback = "CUSTOMER_FEEDBACK",
    /// `CONFIRMED_EVENT_UPDATE`: refused since 27 April 2026.
    ConfirmedEventUpdate = "CONFIRMED_EVENT_UPDATE",
    /// `POST_PURCHASE_UPDATE`: refused since 27 April 2026.
    PostPurchaseUpdate = "POST_PURCHASE_UPDATE",
    /// `ACCOUNT_UPDATE`: refused since 27 April 2026.
    AccountUpdate = "ACCOUNT_UPDATE",
    /// `NON_PROMOTIONAL_SUBSCRIPTION`: news publishers, on Messenger.
    NonPromotionalSubscription = "NON_PROMOTIONAL_SUBSCRIPTION",
}

impl MessageTag {
    /// Whether the platform refuses every call with it.
    pub fn is_retired(&self) -> bool {
        matches!(
            self,
            Self::ConfirmedEventUpdate | Self::PostPurchaseUpdate | Self::AccountUpdate
        )
    }
}

impl From<&str> for MessageTag {
    fn from(name: &str) -> Self {
        Self::from(name.to_owned())
    }
}

impl fmt::Display for MessageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for MessageTag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for MessageTag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::from)
    }
}

from_json_by_serde!(MessageTag);
