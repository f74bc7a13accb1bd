use handover::prelude::*;

#[on_message]
pub const fn greet() {}
//~ ^^^^^

fn main() { let _: handover::Routes = handover::routes![greet]; }
