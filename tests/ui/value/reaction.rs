use handover::prelude::*;

#[on_reaction(reaction = love)]
//~                      ^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
