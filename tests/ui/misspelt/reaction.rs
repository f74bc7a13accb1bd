use handover::prelude::*;

#[on_reaction(reaction = "lvoe")]
//~                      ^^^^^^
async fn handler() {}

fn main() {}
