use handover::prelude::*;

#[on_policy_enforcement]
#[handoff(to = "page_inbox")]
//~            ^^^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
