use handover::prelude::*;

#[handoff(to = "page_inbox")]
//~            ^^^^^^^^^^^^
#[on_take_thread_control]
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
