use handover::prelude::*;

#[handoff(to = String)]
//~            ^^^^^^
#[on_message]
async fn to_agent() -> &'static str {
    "One moment."
}

fn main() { let _: handover::Routes = handover::routes![to_agent]; }
