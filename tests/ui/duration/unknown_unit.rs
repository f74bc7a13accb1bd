use handover::prelude::*;

#[on_message]
#[handoff(reclaim_after = "30 minutes")]
//~                       ^^^^^^^^^^^^
async fn to_agent() {}

fn main() { let _: handover::Routes = handover::routes![to_agent]; }
