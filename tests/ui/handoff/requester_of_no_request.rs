use handover::prelude::*;

#[on_message]
#[handoff(to = "requester")]
//~            ^^^^^^^^^^^
async fn agent() -> &'static str {
    "One moment, please."
}

fn main() {}
