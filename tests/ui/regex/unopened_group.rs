use handover::prelude::*;

#[on_message(regex = "hello)")]
//~                  ^^^^^^^^
async fn greet() {}

fn main() { let _: handover::Routes = handover::routes![greet]; }
