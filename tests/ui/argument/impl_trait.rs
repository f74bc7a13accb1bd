use handover::prelude::*;

#[on_message]
async fn greet(text: impl Into<String>) {
//~                  ^^^^^^^^^^^^^^^^^
    drop(text);
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
