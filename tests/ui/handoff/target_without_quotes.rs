use handover::prelude::*;

#[on_message]
#[handoff(to = page_inbox)]
//~            ^^^^^^^^^^
async fn agent() {}

fn main() { let _: handover::Routes = handover::routes![agent]; }
