use handover::prelude::*;

#[derive(FromPayload)]
struct Line(u64, u32);
//~        ^^^^^^^^^^

fn main() {}
