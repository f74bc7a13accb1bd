use handover::prelude::*;

fn is_long(text: Text) -> bool {
    text.len() > 100
}

#[on_read(when = is_long)]
//~              ^^^^^^^
async fn seen() {}

fn main() {
    let _ = Bot::new(routes![seen]);
}
