use handover::prelude::*;

#[on_message]
async extern "C" fn greet() {}
//~   ^^^^^^^^^^

fn main() { let _: handover::Routes = handover::routes![greet]; }
