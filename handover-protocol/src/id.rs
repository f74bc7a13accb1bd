//! Ids: strings on the wire, though some places of the platform print them as numbers.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use smol_str::{SmolStr, ToSmolStr, format_smolstr};

macro_rules! id {
    ($(#[$meta:meta])* $name:ident) => {
        $(#[$meta])*
        ///
        /// Cheap to clone: ids are as short as numbers, and those are kept in place.
        #[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            /// An id known when the program is compiled; usable in constants.
            pub const fn from_static(id: &'static str) -> Self {
                Self(SmolStr::new_static(id))
            }

            /// An id known when the program runs.
            pub fn new(id: impl Into<String>) -> Self {
                Self(SmolStr::new(id.into()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(SmolStr::new(id))
            }
        }

        impl From<String> for $name {
            fn from(id: String) -> Self {
                Self::new(id)
            }
        }

        impl From<u64> for $name {
            fn from(id: u64) -> Self {
                Self::new(id.to_string())
            }
        }

        impl FromStr for $name {
            type Err = Infallible;

            fn from_str(id: &str) -> Result<Self, Infallible> {
                Ok(Self::from(id))
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }

        impl PartialEq<str> for $name {
            fn eq(&self, other: &str) -> bool {
                self.as_str() == other
            }
        }

        impl PartialEq<&str> for $name {
            fn eq(&self, other: &&str) -> bool {
                self.as_str() == *other
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(IdVisitor).map(Self)
            }
        }
    };
}

id! {
    /// An app of the platform: the bot, another bot, or one of Meta's own inboxes.
    ///
    /// ```
    /// use handover_protocol::AppId;
    ///
    /// let from_text: AppId = serde_json::from_str("\"2262510160704936\"")?;
    /// let from_number: AppId = serde_json::from_str("2262510160704936")?;
    /// assert_eq!(from_text, from_number);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    AppId
}

id! {
    /// A Facebook Page or an Instagram professional account: the business side of a thread.
    ///
    /// ```
    /// use handover_protocol::AccountId;
    ///
    /// const SHOP: AccountId = AccountId::from_static("104508901353867");
    /// assert_eq!(SHOP, "104508901353867");
    /// ```
    AccountId
}

id! {
    /// A person as one account sees them: a PSID on Messenger, an IGSID on Instagram.
    ///
    /// ```
    /// use handover_protocol::PersonId;
    ///
    /// let person = PersonId::from("5794982867201265");
    /// assert_eq!(serde_json::to_string(&person)?, "\"5794982867201265\"");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    PersonId
}

struct IdVisitor;

impl Visitor<'_> for IdVisitor {
    type Value = SmolStr;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id, as a string or a whole number")
    }

    fn visit_str<E>(self, id: &str) -> Result<SmolStr, E> {
        Ok(SmolStr::new(id))
    }

    fn visit_u64<E>(self, id: u64) -> Result<SmolStr, E> {
        Ok(id.to_smolstr())
    }

    fn visit_i64<E>(self, id: i64) -> Result<SmolStr, E> {
        Ok(id.to_smolstr())
    }

    fn visit_f64<E: Error>(self, id: f64) -> Result<SmolStr, E> {
        if id.is_finite() && id.fract() == 0.0 {
            Ok(format_smolstr!("{id:.0}"))
        } else {
            Err(E::custom(format_args!("{id} is not a whole number")))
        }
    }
}
