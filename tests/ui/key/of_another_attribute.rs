use handover::prelude::*;

#[on_message(payload = "HELLO")]
//~          ^^^^^^^
async fn greet() {}

fn main() { let _: handover::Routes = handover::routes![greet]; }
