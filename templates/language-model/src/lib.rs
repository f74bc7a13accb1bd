//! A bot that answers with a language model, and fetches a colleague where the model should not answer.

mod bot;
mod model;
mod tools;

pub use bot::bot;
pub use model::Model;
