use handover::prelude::*;

#[on_message(words = ["agent", "human"])]
async fn agent() {}

#[on_message(words = "human being")]
async fn later() {}

fn main() {
    let _ = Bot::new(routes![agent, later]);
//~                                 ^^^^^
}
