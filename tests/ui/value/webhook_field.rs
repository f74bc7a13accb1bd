use handover::prelude::*;

#[on_event(name = "messaging_postbacks")]
//~               ^^^^^^^^^^^^^^^^^^^^^
async fn tapped() {}

fn main() { let _: handover::Routes = handover::routes![tapped]; }
