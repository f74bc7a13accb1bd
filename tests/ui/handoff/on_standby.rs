use handover::prelude::*;

#[on_standby]
#[handoff(to = "page_inbox")]
//~            ^^^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
