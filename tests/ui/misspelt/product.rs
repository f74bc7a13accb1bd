use handover::prelude::*;

#[on_message(object = "instagrm")]
//~                   ^^^^^^^^^^
async fn handler() {}

fn main() {}
