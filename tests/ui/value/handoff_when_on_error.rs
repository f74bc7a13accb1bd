use handover::prelude::*;

fn angry(answer: &Result<(), std::fmt::Error>) -> bool {
    answer.is_ok()
}

#[on_message]
#[handoff(on = "error", when = angry)]
//~                            ^^^^^
async fn to_agent() -> Result<(), std::fmt::Error> {
    Ok(())
}

fn main() { let _: handover::Routes = handover::routes![to_agent]; }
