//! What is set up at the platform when a bot starts: profiles and subscriptions.

mod apply;
mod needs;
mod profile;
mod reports;

pub(crate) use apply::Setup;
pub(crate) use needs::Needs;
pub use profile::Profile;
pub(crate) use reports::Reports;
