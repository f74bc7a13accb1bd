use handover::prelude::*;

#[on_message(attachment = "imgae")]
//~                       ^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
