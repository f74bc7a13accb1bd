use handover::prelude::*;

#[on_message(regex = "a|*b")]
//~                  ^^^^^^
async fn greet() {}

fn main() {}
