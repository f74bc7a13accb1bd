use handover::prelude::*;

#[on_message]
#[handoff(to = Billing)]
//~            ^^^^^^^
async fn to_agent() {}

fn main() {}
