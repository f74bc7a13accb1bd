use handover::prelude::*;

#[on_timer("reminder")]
//~        ^^^^^^^^^^
async fn reminder() {}

fn main() { let _: handover::Routes = handover::routes![reminder]; }
