//! What the person does on their phone. Typing is not among it: it has no webhook.

mod change;
mod come;
mod lead;
mod react;
mod read;
mod shared;
mod tap;
mod write;
