//! Setup at the platform when a bot starts: profiles and subscriptions.

mod apply;
mod needs;
mod profile;

pub(crate) use apply::Setup;
pub(crate) use needs::Needs;
pub use profile::Profile;
