use handover_protocol::AppId;
use serde::{Deserialize, Serialize};

use super::Product;

/// Ad that opens a thread: click-to-Messenger, click-to-Direct, or a Lead Ad.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ad {
    /// Id of the ad.
    pub id: String,
    /// Title of the ad, which referrals contain.
    #[serde(default)]
    pub title: String,
    /// `receiving_app_id`: app that gets the thread. Default: the account's routing decides.
    #[serde(default)]
    pub app: Option<AppId>,
    /// `receiving_app_control_expiration`: number of days for which the app gets control. Default,
    /// also for values out of range: 1.
    #[serde(default)]
    pub control_days: Option<u32>,
    /// Whether a Lead Ad sends the app a summary of the answers as a message.
    #[serde(default)]
    pub lead_summary: bool,
}

impl Ad {
    /// Creates an ad without a receiving app.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            title: title.into(),
            app: None,
            control_days: None,
            lead_summary: false,
        }
    }

    /// Sets the app that gets the threads, and the number of days of control.
    #[must_use]
    pub fn received_by(mut self, app: impl Into<AppId>, days: impl Into<Option<u32>>) -> Self {
        self.app = Some(app.into());
        self.control_days = days.into();
        self
    }

    /// Returns the number of days for which the app gets control: 1 to 7 on Messenger, 1 to 30 on
    /// Instagram, 1 for values out of range (ad template, `receiving_app_control_expiration`).
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
