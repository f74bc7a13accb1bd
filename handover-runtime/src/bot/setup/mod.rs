//! Setup at the platform when a bot starts: profiles and subscriptions.

mod apply;
mod profile;

pub(crate) use apply::Setup;
pub use profile::Profile;
