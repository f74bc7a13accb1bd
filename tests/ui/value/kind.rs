use handover::prelude::*;

#[on_standby(kind = echo)]
//~                 ^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
