use handover::prelude::*;

#[on_message(text = "hello", text = "hi")]
//~                          ^^^^
async fn greet() {}

fn main() { let _: handover::Routes = handover::routes![greet]; }
