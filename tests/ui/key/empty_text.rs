use handover::prelude::*;

#[on_message(text = "")]
//~                 ^^
async fn greet() {}

fn main() {}
