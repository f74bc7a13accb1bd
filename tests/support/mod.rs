//! What several tests need.

#![allow(dead_code, reason = "each test uses its part of it")]

pub(crate) mod bot;
pub(crate) mod example;
pub(crate) mod platform;
pub(crate) mod stub;
