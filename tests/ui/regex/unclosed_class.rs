use handover::prelude::*;

#[on_message(regex = "[a-z")]
//~                  ^^^^^^
async fn greet() {}

fn main() { let _: handover::Routes = handover::routes![greet]; }
