use handover::prelude::*;

#[on_message(pace = "debounce(2)")]
//~                 ^^^^^^^^^^^^^
async fn listen() {}

fn main() {}
