use handover::prelude::*;

#[on_standby]
async fn handler(argument: Payload) {
//~                        ^^^^^^^
    drop(argument);
}

fn main() {}
