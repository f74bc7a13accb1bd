use handover::prelude::*;

#[on_message(regex = "")]
//~                  ^^
async fn greet() {}

fn main() {}
