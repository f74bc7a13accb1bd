use handover::prelude::*;

#[derive(FromPayload)]
pub enum Size {
//~ ^^^^
    Small,
    Large,
}

fn main() {}
