use handover::prelude::*;

#[on_handoff(kind = "handedover")]
//~                 ^^^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
