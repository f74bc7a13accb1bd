use handover::prelude::*;

#[on_postback(payload = "ORDER:{}")]
//~                     ^^^^^^^^^^
async fn order() {}

fn main() {}
