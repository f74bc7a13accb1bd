use handover::prelude::*;

#[on_message(when = is_open)]
//~                 ^^^^^^^
async fn greet() {}

fn main() { let _: handover::Routes = handover::routes![greet]; }
