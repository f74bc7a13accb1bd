use handover::prelude::*;

#[on_message]
pub const async fn greet() {}
//~ ^^^^^

fn main() {}
