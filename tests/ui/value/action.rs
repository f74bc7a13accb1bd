use handover::prelude::*;

#[on_reaction(action = react())]
//~                    ^^^^^^^
async fn handler() {}

fn main() {}
