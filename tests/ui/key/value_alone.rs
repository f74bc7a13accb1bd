use handover::prelude::*;

#[on_message("hello")]
//~          ^^^^^^^
async fn greet() {}

fn main() {}
