use handover::prelude::*;

#[on_postback(payload = "ORDER:{a{b}}")]
//~                     ^^^^^^^^^^^^^^
async fn order() {}

fn main() {}
