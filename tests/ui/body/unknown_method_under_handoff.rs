#[allow(unused_imports)]
use handover::prelude::*;

#[on_message]
#[handoff(to = "page_inbox")]
async fn greet(text: Text) -> String {
    text.shout()
//~      ^^^^^
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
