use handover::prelude::*;

#[on_message]
#[handoff(to = "page_inbox")]
async fn count() -> u32 {
//~                 ^^^
    3
}

fn main() { let _: handover::Routes = handover::routes![count]; }
