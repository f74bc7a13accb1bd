use handover::prelude::*;

#[on_message]
struct Greeting;

fn main() {}
