use handover::prelude::*;

#[on_message(text = "hello" regex = "hel+o")]
//~                         ^^^^^
async fn greet() {}

fn main() {}
