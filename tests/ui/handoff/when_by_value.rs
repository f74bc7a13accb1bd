use handover::prelude::*;

fn angry(answer: String) -> bool {
    answer.is_empty()
}

#[on_message]
#[handoff(when = angry)]
//~              ^^^^^
async fn to_agent() -> String {
    String::new()
}

fn main() { let _: handover::Routes = handover::routes![to_agent]; }
