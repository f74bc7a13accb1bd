use handover::prelude::*;

#[on_message(when = "is_open")]
//~                 ^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
