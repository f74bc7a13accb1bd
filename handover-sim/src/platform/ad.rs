use handover_protocol::AppId;
use serde::{Deserialize, Serialize};

use super::Product;

/// An ad that leads into a thread: click-to-Messenger, click-to-Direct, or a Lead Ad.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ad {
    /// The ad's id.
    pub id: String,
    /// Its title, which the referral names.
    #[serde(default)]
    pub title: String,
    /// `receiving_app_id`: the app that gets the thread. Without one it is routed like any other.
    #[serde(default)]
    pub app: Option<AppId>,
    /// `receiving_app_control_expiration`: for how many days that app has control, unless something
    /// is done about control meanwhile. One day if absent or out of range.
    #[serde(default)]
    pub control_days: Option<u32>,
    /// Whether a Lead Ad sends the app a summary of the answers as a message.
    #[serde(default)]
    pub lead_summary: bool,
}

impl Ad {
    /// An ad whose threads are routed like any other.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            app: None,
            control_days: None,
            lead_summary: false,
        }
    }

    /// Sets the app that gets its threads, and for how many days.
    #[must_use]
    pub fn received_by(mut self, app: impl Into<AppId>, days: impl Into<Option<u32>>) -> Self {
        self.app = Some(app.into());
        self.control_days = days.into();
        self
    }

    /// For how many days its app gets control: 1 to 7 on Messenger, 1 to 30 on Instagram, and 1 for
    /// what is out of range (ad template, `receiving_app_control_expiration`).
    pub fn days(&self, product: Product) -> i64 {
        let most = match product {
            Product::Messenger => 7,
            Product::Instagram => 30,
        };
        match self.control_days {
            Some(days) if (1..=most).contains(&days) => days.into(),
            _ => 1,
        }
    }
}
