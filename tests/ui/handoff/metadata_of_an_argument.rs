use handover::prelude::*;

#[on_message]
#[handoff(to = "page_inbox", metadata = text.0)]
//~                                     ^^^^
async fn agent(text: Text) -> String {
    text.0
}

fn main() { let _: handover::Routes = handover::routes![agent]; }
