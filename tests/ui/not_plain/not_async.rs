use handover::prelude::*;

#[on_message]
pub fn greet() -> &'static str {
//~ ^^
    "hello"
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
