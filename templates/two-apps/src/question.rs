use handover::{Target, TargetApp};
use serde::{Deserialize, Serialize};

/// Metadata from one bot to the other.
#[derive(Serialize, Deserialize)]
pub(crate) struct Question {
    pub(crate) text: String,
}

/// The app of billing; its id is in `MESSENGER_APP_ID_BILLING`.
pub(crate) struct Billing;

impl Target for Billing {
    const APP: TargetApp = TargetApp::Named("billing");
}

/// The app of the reception; its id is in `MESSENGER_APP_ID_RECEPTION`.
pub(crate) struct Reception;

impl Target for Reception {
    const APP: TargetApp = TargetApp::Named("reception");
}
