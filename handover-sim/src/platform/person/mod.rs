//! What the person does on their phone, and in public. Typing is not among it: it has no webhook.

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
