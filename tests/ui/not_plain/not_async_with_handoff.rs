use handover::prelude::*;

#[on_message]
#[handoff(to = "page_inbox")]
pub fn greet() -> &'static str {
//~ ^^
    "hello"
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
