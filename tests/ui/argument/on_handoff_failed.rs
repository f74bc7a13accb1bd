use handover::prelude::*;

#[on_handoff_failed]
async fn handler(argument: Payload) {
//~                        ^^^^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
