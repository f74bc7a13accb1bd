use handover::prelude::*;

#[on_message]
async fn greet(text: &str) {
//~                  ^^^^
    drop(text);
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
