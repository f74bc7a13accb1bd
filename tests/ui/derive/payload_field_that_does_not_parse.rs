use handover::prelude::*;

#[derive(FromPayload)]
struct Line {
    words: Vec<String>,
//~        ^^^^^^^^^^^
}

fn main() {}
