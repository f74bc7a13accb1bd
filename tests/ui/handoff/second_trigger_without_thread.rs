use handover::prelude::*;

#[on_message(text = "hi")]
#[on_take_thread_control]
#[handoff(to = "page_inbox")]
//~            ^^^^^^^^^^^^
async fn greet() -> &'static str {
    "Hello!"
}

fn main() {
    let _ = Bot::new(routes![greet]);
}
