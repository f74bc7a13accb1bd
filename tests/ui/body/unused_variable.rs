#![deny(unused_variables)]

#[allow(unused_imports)]
use handover::prelude::*;

#[on_message]
async fn greet(text: Text) -> &'static str {
//~            ^^^^
    "hello"
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
