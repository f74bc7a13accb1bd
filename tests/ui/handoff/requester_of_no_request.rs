use handover::prelude::*;

#[on_message]
#[handoff(to = "requester")]
//~            ^^^^^^^^^^^
async fn agent() -> &'static str {
    "One moment, please."
}

fn main() { let _: handover::Routes = handover::routes![agent]; }
