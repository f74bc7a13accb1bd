use handover::prelude::*;

#[on_message(payload = "HELLO")]
//~          ^^^^^^^
async fn greet() {}

fn main() {}
