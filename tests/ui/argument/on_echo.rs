use handover::prelude::*;

#[on_echo]
async fn handler(argument: Payload) {
//~                        ^^^^^^^
    drop(argument);
}

fn main() {}
