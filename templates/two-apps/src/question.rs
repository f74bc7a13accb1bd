use handover::{Target, TargetApp};
use serde::{Deserialize, Serialize};

/// What one bot tells the other.
#[derive(Serialize, Deserialize)]
pub(crate) struct Question {
    pub(crate) text: String,
}

/// The app of the specialist: `MESSENGER_APP_ID_BILLING` is its id.
pub(crate) struct Billing;

impl Target for Billing {
    const APP: TargetApp = TargetApp::Named("billing");
}

/// The app of the receptionist: `MESSENGER_APP_ID_RECEPTION` is its id.
pub(crate) struct Reception;

impl Target for Reception {
    const APP: TargetApp = TargetApp::Named("reception");
}
