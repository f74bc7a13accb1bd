use handover::prelude::*;

#[on_postback(payload = b"BUY")]
//~                     ^^^^^^
async fn handler() {}

fn main() {}
