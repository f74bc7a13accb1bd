use handover::prelude::*;

#[on_message(crate = "handover")]
//~                  ^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
