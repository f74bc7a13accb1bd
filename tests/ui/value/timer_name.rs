use handover::prelude::*;

#[on_timer(name = nudge)]
//~               ^^^^^
async fn nudge() {}

fn main() { let _: handover::Routes = handover::routes![nudge]; }
