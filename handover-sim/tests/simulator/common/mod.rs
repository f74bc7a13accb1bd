//! What several tests need.

pub(crate) mod bot;

#[path = "../../support/stage.rs"]
mod stage;

pub(crate) use stage::*;
