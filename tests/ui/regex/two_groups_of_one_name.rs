use handover::prelude::*;

#[on_message(regex = r"(?<id>\d+)|nr (?<id>\d+)")]
//~                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^
async fn order() {}

fn main() { let _: handover::Routes = handover::routes![order]; }
