use handover::prelude::*;

#[handoff(to = "requester")]
//~            ^^^^^^^^^^^
#[on_message]
async fn agent() -> &'static str {
    "One moment, please."
}

fn main() { let _: handover::Routes = handover::routes![agent]; }
