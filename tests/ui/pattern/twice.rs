use handover::prelude::*;

#[on_postback(payload = "ORDER:{id}:{id}")]
//~                     ^^^^^^^^^^^^^^^^^
async fn order() {}

fn main() {}
