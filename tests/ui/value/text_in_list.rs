use handover::prelude::*;

#[on_message(text = ["hi", 5])]
//~                        ^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
