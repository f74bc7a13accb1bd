use handover::prelude::*;

#[on_message]
#[handoff(to = String)]
//~            ^^^^^^
async fn to_agent() {}

fn main() { let _: handover::Routes = handover::routes![to_agent]; }
