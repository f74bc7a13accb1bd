use handover::prelude::*;

#[on_echo(by = 1.5)]
//~            ^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
