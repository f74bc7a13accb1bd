use handover::prelude::*;

fn is_open(hours: State<u32>) -> bool {
    *hours > 3
}

#[on_message(when = is_open)]
//~                 ^^^^^^^
async fn greet() {}

fn main() {
    let _: Bot = Bot::with_state(4, routes![greet]);
}
