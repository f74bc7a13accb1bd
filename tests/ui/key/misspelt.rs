use handover::prelude::*;

#[on_message(txt = "hello")]
//~          ^^^
async fn greet() {}

fn main() { let _: handover::Routes = handover::routes![greet]; }
