use handover::prelude::*;

#[on_message(quick_reply = "PICK:{colour}")]
//~                        ^^^^^^^^^^^^^^^
async fn pick() {}

fn main() { let _: handover::Routes = handover::routes![pick]; }
