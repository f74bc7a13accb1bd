use handover::prelude::*;

#[on_message]
async fn greet() -> u32 {
    42
}

fn main() {}
