use handover::prelude::*;

#[on_message(text("hello"))]
//~          ^^^^
async fn greet() {}

fn main() {}
