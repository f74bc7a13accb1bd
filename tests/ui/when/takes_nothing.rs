use handover::prelude::*;

fn is_open() -> bool {
    true
}

#[on_message(when = is_open)]
//~                 ^^^^^^^
async fn greet() {}

fn main() {}
