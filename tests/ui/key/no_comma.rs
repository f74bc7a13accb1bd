use handover::prelude::*;

#[on_message(text = "hello" regex = "hel+o")]
//~                         ^^^^^
async fn greet() {}

fn main() { let _: handover::Routes = handover::routes![greet]; }
