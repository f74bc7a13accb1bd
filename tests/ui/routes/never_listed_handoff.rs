#![deny(dead_code)]

use handover::prelude::*;

#[on_message]
#[handoff(to = "page_inbox")]
async fn to_agent() {}
//~      ^^^^^^^^

fn main() {}
