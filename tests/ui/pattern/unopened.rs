use handover::prelude::*;

#[on_postback(payload = "ORDER:id}")]
//~                     ^^^^^^^^^^^
async fn order() {}

fn main() { let _: handover::Routes = handover::routes![order]; }
