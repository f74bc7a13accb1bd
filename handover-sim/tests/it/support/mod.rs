//! What several tests need.

pub(crate) mod bot;
pub(crate) mod rules;
