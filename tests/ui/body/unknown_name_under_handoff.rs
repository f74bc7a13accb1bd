#[allow(unused_imports)]
use handover::prelude::*;

#[on_message]
#[handoff(to = "page_inbox")]
async fn greet() -> String {
    tex.to_string()
//~ ^^^
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
