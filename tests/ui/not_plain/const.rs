use handover::prelude::*;

#[on_message]
pub const async fn greet() {}
//~ ^^^^^

fn main() { let _: handover::Routes = handover::routes![greet]; }
