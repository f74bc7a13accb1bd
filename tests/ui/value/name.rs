use handover::prelude::*;

#[on_event(name = 1)]
//~               ^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
