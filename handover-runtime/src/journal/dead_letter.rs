use std::sync::Arc;

use handover_protocol::Received;

use crate::graph::Call;
use crate::thread::ThreadKey;

/// Something that could not be handled or sent.
#[derive(Clone, Debug)]
pub struct DeadLetter {
    /// Its number.
    pub id: u64,
    /// The thread.
    pub thread: ThreadKey,
    /// What it is.
    pub letter: Letter,
    /// Why.
    pub cause: String,
    /// When it was given up.
    pub at: i64,
}

/// What a dead letter holds.
#[derive(Clone, Debug)]
pub enum Letter {
    /// An event whose handler failed.
    Event(Arc<Received>),
    /// A call that could not be sent.
    Call(Arc<Call>),
}
