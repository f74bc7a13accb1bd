use handover::prelude::*;

#[on_message]
async fn greet(text: Txt) {
//~                  ^^^
    drop(text);
}

fn main() {}
