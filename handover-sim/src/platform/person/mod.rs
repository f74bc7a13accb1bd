//! Actions of a person, in the chat and in public. Typing is missing, because it has no webhook.

mod change;
mod come;
mod lead;
mod profile;
mod public;
mod react;
mod read;
mod shared;
mod tap;
mod write;

pub use profile::PersonChange;
pub(super) use tap::without_payload;
pub(super) use write::PersonMessage;
