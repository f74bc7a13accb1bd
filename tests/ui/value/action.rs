use handover::prelude::*;

#[on_reaction(action = react())]
//~                    ^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
