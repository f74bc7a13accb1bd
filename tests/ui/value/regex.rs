use handover::prelude::*;

#[on_message(regex = ["hel+o", "hi"])]
//~                  ^^^^^^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
