use handover::prelude::*;

#[on_policy_enforcement(action = "warnign")]
//~                              ^^^^^^^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
