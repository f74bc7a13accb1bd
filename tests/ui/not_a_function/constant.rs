use handover::prelude::*;

#[on_message]
pub const GREETING: &str = "hello";
//~ ^^^^^

fn main() {}
