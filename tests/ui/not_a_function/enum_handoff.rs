use handover::prelude::*;

#[handoff(to = "page_inbox")]
pub enum Greeting {}
//~ ^^^^

fn main() {}
