use handover::prelude::*;

#[on_message]
async fn greet() {}

fn main() {
    // Not `routes![greet]`.
    let _ = Bot::new([greet]);
//~                  ^^^^^^^
}
