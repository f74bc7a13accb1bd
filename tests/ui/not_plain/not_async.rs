use handover::prelude::*;

#[on_message]
fn greet() -> &'static str {
    "hello"
}

fn main() {}
