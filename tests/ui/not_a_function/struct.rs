use handover::prelude::*;

#[on_message]
pub struct Greeting;
//~ ^^^^^^

fn main() {}
