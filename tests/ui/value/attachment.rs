use handover::prelude::*;

#[on_message(attachment = image)]
//~                       ^^^^^
async fn handler() {}

fn main() {}
