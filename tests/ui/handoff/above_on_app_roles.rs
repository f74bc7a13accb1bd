use handover::prelude::*;

#[handoff(to = "page_inbox")]
//~            ^^^^^^^^^^^^
#[on_app_roles]
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
