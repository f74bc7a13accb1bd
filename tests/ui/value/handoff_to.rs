use handover::prelude::*;

#[on_message]
#[handoff(to = 'a')]
//~            ^^^
async fn to_agent() {}

fn main() {}
