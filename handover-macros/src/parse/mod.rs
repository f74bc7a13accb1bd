//! Tokens to model: keys and heads are read, nothing is decided.

mod answer;
pub(crate) mod derive;
mod duration;
pub(crate) mod handoff;
pub(crate) mod on;
mod pattern;
mod regex;
mod routes;
