use handover::prelude::*;

#[on_message(text = "agent", words = "human")]
//~                                  ^^^^^^^
async fn agent() {}

fn main() {
    let _ = Bot::new(routes![agent]);
}
