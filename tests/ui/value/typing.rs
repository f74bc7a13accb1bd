use handover::prelude::*;

#[on_message(typing = "off")]
//~                   ^^^^^
async fn listen() {}

fn main() {}
