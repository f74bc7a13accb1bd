use handover::prelude::*;

#[on_message(words = ["agent", "talk to"])]
async fn agent() {}

#[on_message(text = ["Agent", "I want to TALK  to you"])]
async fn later() {}

fn main() {
    let _ = Bot::new(routes![agent, later]);
//~                                 ^^^^^
}
