#![deny(dead_code)]

use handover::prelude::*;

#[on_message]
async fn greet() -> &'static str {
//~      ^^^^^
    "hello"
}

fn main() {}
