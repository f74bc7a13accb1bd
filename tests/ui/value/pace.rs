use handover::prelude::*;

#[on_message(pace = "bursts")]
//~                 ^^^^^^^^
async fn listen() {}

fn main() { let _: handover::Routes = handover::routes![listen]; }
