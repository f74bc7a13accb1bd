use handover::prelude::*;

#[on_message(crate = "handover")]
//~                  ^^^^^^^^^^
async fn handler() {}

fn main() {}
