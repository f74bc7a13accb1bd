use handover::prelude::*;

#[on_message(text = 5)]
//~                 ^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
