use handover::prelude::*;

#[on_message]
pub fn greet() -> &'static str {
//~ ^^
    "hello"
}

fn main() {}
