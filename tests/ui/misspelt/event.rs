use handover::prelude::*;

#[on_event(name = "refferal")]
//~               ^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
