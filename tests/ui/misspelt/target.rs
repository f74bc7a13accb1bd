use handover::prelude::*;

#[on_message]
#[handoff(to = "page_inbx")]
//~            ^^^^^^^^^^^
async fn to_agent() {}

fn main() { let _: handover::Routes = handover::routes![to_agent]; }
