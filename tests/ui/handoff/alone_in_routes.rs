use handover::prelude::*;

#[handoff(to = "page_inbox")]
async fn escalate() {}

fn routes() -> Routes {
    routes![escalate]
//~         ^^^^^^^^
}

fn main() {}
