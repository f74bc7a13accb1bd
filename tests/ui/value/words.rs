use handover::prelude::*;

#[on_message(words = agent)]
//~                  ^^^^^
async fn agent() {}

fn main() {
    let _ = Bot::new(routes![agent]);
}
