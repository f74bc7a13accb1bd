use handover::prelude::*;

#[on_message]
#[handoff(to = "page_inbox")]
async fn count() -> u32 {
//~                 ^^^
    3
}

fn main() {}
