use handover::prelude::*;

#[on_message(regex = "a{2")]
//~                  ^^^^^
async fn greet() {}

fn main() {}
