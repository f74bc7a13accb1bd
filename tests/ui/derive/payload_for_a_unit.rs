use handover::prelude::*;

#[derive(FromPayload)]
struct Line;
//~    ^^^^

fn main() {}
