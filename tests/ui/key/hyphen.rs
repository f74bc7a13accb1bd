use handover::prelude::*;

#[on_message(quick-reply = "RED")]
//~          ^^^^^^^^^^^
async fn red() {}

fn main() { let _: handover::Routes = handover::routes![red]; }
