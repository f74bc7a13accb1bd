use handover::prelude::*;

#[handoff(to = "page_inbox")]
//~            ^^^^^^^^^^^^
#[on_standby]
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
