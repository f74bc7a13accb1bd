#[allow(unused_imports)]
use handover::prelude::*;

#[on_message]
#[handoff(to = "page_inbox")]
async fn greet(text: Text) -> (String, String) {
    (text.0, text.0)
//~          ^^^^^^
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
