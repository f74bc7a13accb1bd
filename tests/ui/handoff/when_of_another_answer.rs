use handover::prelude::*;

fn angry(answer: &u32) -> bool {
    *answer > 3
}

#[on_message]
#[handoff(when = angry)]
//~              ^^^^^
async fn to_agent() -> String {
    String::new()
}

fn main() { let _: handover::Routes = handover::routes![to_agent]; }
