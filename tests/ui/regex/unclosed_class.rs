use handover::prelude::*;

#[on_message(regex = "[a-z")]
//~                  ^^^^^^
async fn greet() {}

fn main() {}
