use std::fmt;

use handover_protocol::{AppId, Object};
use serde::{Deserialize, Serialize};

/// What an account belongs to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// A Facebook Page's Messenger.
    #[default]
    Messenger,
    /// The messages of an Instagram professional account.
    Instagram,
}

impl Product {
    /// `object` of its webhooks.
    pub fn object(self) -> Object {
        match self {
            Self::Messenger => Object::Page,
            Self::Instagram => Object::Instagram,
        }
    }

    /// The inbox in which people answer.
    pub fn inbox(self) -> AppId {
        AppId::inbox_of(&self.object())
    }
}

impl fmt::Display for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Messenger => "Messenger",
            Self::Instagram => "Instagram",
        })
    }
}
