use handover::prelude::*;

#[handoff(to = "page_inbox")]
//~            ^^^^^^^^^^^^
#[on_echo]
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
