use handover::prelude::*;

#[on_message(reply_to = "mesage")]
//~                     ^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
