use handover::prelude::*;

#[on_message(when = |_| true)]
//~                 ^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
