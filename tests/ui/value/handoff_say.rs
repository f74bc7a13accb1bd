use handover::prelude::*;

#[on_message]
#[handoff(say = 5)]
//~             ^
async fn to_agent() {}

fn main() {}
