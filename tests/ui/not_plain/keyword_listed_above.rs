use handover::prelude::*;

fn main() {
    let _: handover::Routes = handover::routes![bot::match];
}

mod bot {
    use super::*;

#[on_message(text = "agent")]
#[handoff(to = "page_inbox")]
pub async fn match() -> &'static str { "One moment." }
//~          ^^^^^
}
