use handover::prelude::*;

#[on_message(reply_to = 's')]
//~                     ^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
