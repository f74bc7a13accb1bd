use handover::prelude::*;

#[on_message(typing = "off")]
//~                   ^^^^^
async fn listen() {}

fn main() { let _: handover::Routes = handover::routes![listen]; }
