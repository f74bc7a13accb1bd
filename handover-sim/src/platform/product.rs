use std::fmt;

use handover_protocol::{AppId, Object};
use serde::{Deserialize, Serialize};

/// What an account belongs to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Product {
    /// Messenger of a Facebook Page.
    #[default]
    Messenger,
    /// Messages of an Instagram professional account.
    Instagram,
}

impl Product {
    /// Returns `object` of webhooks.
    pub fn object(self) -> Object {
        match self {
            Self::Messenger => Object::Page,
            Self::Instagram => Object::Instagram,
        }
    }

    /// Returns the app id of the inbox.
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
