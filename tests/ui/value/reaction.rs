use handover::prelude::*;

#[on_reaction(reaction = love)]
//~                      ^^^^
async fn handler() {}

fn main() {}
