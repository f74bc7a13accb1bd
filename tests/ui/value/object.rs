use handover::prelude::*;

#[on_message(object = page)]
//~                   ^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
