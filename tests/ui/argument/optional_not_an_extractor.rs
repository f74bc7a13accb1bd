use handover::prelude::*;

#[on_message]
async fn greet(number: Option<u32>) {
//~                    ^^^^^^^^^^^
    drop(number);
}

fn main() {}
