use handover::prelude::*;

#[on_message]
mod greetings {}

fn main() {}
