use handover::prelude::*;

use std::fmt::Display;

#[on_message]
async fn greet() -> impl Display {
//~                 ^^^^^^^^^^^^
    "hello"
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
