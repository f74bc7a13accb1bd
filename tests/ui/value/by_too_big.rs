use handover::prelude::*;

#[on_echo(by = 99999999999999999999)]
//~            ^^^^^^^^^^^^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
