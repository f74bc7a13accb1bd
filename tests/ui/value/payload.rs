use handover::prelude::*;

#[on_postback(payload = b"BUY")]
//~                     ^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
