use handover::prelude::*;

#[on_read(watermark = "1")]
//~       ^^^^^^^^^
async fn seen() {}

fn main() { let _: handover::Routes = handover::routes![seen]; }
