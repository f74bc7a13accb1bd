use handover::prelude::*;

#[on_feedback]
async fn handler(argument: Payload<u8>) {
//~                        ^^^^^^^^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
