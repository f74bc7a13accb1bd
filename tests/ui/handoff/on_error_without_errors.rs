use handover::prelude::*;

#[on_message]
#[handoff(to = "page_inbox", on = "error")]
//~                               ^^^^^^^
async fn agent() -> &'static str {
    "One moment."
}

fn main() { let _: handover::Routes = handover::routes![agent]; }
