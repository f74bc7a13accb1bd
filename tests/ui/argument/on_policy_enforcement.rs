use handover::prelude::*;

#[on_policy_enforcement]
async fn handler(argument: Session<u32>) {
//~                        ^^^^^^^^^^^^
    drop(argument);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
