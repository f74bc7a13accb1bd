use handover::prelude::*;

#[on_standby(kind = "mesage")]
//~                 ^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
