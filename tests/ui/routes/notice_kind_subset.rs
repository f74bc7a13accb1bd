use handover::prelude::*;

#[on_handoff(kind = ["handed_over", "returned"])]
async fn both() {}

#[on_handoff(kind = "returned")]
async fn back() {}

fn main() { let _: handover::Routes = handover::routes![both, back]; }
//~                                                           ^^^^
