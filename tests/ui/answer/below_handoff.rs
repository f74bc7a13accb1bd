use handover::prelude::*;

#[handoff(to = "page_inbox")]
#[on_message]
async fn count() -> u32 {
//~                 ^^^
    3
}

fn main() { let _: handover::Routes = handover::routes![count]; }
