use handover::prelude::*;

#[on_app_roles]
#[handoff(to = "page_inbox")]
//~            ^^^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
