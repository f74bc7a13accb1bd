use handover::prelude::*;

#[on_echo]
#[handoff(to = "page_inbox")]
//~            ^^^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
