use handover::prelude::*;

#[on_message]
#[handoff(too = "page_inbox")]
//~       ^^^
async fn to_agent() {}

fn main() { let _: handover::Routes = handover::routes![to_agent]; }
