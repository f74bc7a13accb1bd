use handover::prelude::*;

#[on_message]
pub mod greetings {}
//~ ^^^

fn main() {}
