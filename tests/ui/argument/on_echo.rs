use handover::prelude::*;

#[on_echo]
async fn handler(argument: Payload) {
//~                        ^^^^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
