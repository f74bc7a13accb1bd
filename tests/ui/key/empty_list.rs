use handover::prelude::*;

#[on_message(text = [])]
//~                 ^^
async fn greet() {}

fn main() { let _: handover::Routes = handover::routes![greet]; }
