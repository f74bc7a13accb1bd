use handover::prelude::*;

#[on_postback(payload = "ORDER:{}")]
//~                     ^^^^^^^^^^
async fn order() {}

fn main() { let _: handover::Routes = handover::routes![order]; }
