use handover::prelude::*;

#[on_message]
async unsafe fn greet() {}
//~   ^^^^^^

fn main() { let _: handover::Routes = handover::routes![greet]; }
