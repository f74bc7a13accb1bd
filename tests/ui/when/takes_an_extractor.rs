use handover::prelude::*;

fn is_long(text: &Text) -> bool {
    text.len() > 100
}

#[on_message(when = is_long)]
//~                 ^^^^^^^
async fn greet() {}

fn main() {
    let _ = Bot::new(routes![greet]);
}
