use handover::prelude::*;

#[on_message(regex = "a{2")]
//~                  ^^^^^
async fn greet() {}

fn main() { let _: handover::Routes = handover::routes![greet]; }
