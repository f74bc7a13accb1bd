#[allow(unused_imports)]
use handover::prelude::*;

#[on_message]
async fn greet(text: Option<Text>) -> String {
    match text {
//~       ^^^^
        Some(text) => text.0,
    }
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
