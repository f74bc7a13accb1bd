use handover::prelude::*;

#[on_message]
#[handoff(reclaim_after = "5m", unclaimed_after = "30m")]
//~                                               ^^^^^
async fn agent() {}

fn main() { let _: handover::Routes = handover::routes![agent]; }
