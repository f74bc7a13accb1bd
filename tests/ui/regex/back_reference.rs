use handover::prelude::*;

#[on_message(regex = r"(\w+) \1")]
//~                  ^^^^^^^^^^^
async fn twice() {}

fn main() { let _: handover::Routes = handover::routes![twice]; }
