//! Setup at the platform when a bot starts: profiles and subscriptions.

mod apply;

pub(crate) use apply::Setup;
