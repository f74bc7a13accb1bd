use handover::prelude::*;

#[on_message(object = "instagrm")]
//~                   ^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
