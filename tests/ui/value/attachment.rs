use handover::prelude::*;

#[on_message(attachment = image)]
//~                       ^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
