use handover::prelude::*;

#[on_take_thread_control]
#[handoff(to = "page_inbox")]
//~            ^^^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
