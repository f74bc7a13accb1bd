use handover::prelude::*;

#[on_message]
async fn greet(text: Txt) {
//~                  ^^^
    drop(text);
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
