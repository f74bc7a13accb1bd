use handover::prelude::*;

#[on_message(quick_reply = true)]
//~                        ^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
