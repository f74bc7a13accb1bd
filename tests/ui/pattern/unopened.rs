use handover::prelude::*;

#[on_postback(payload = "ORDER:id}")]
//~                     ^^^^^^^^^^^
async fn order() {}

fn main() {}
