use handover::prelude::*;

#[on_message(pace = "debounce(2)")]
//~                 ^^^^^^^^^^^^^
async fn listen() {}

fn main() { let _: handover::Routes = handover::routes![listen]; }
