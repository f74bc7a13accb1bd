use handover::prelude::*;

#[on_policy_enforcement(action = "react")]
//~                              ^^^^^^^
async fn trouble() {}

fn main() { let _: handover::Routes = handover::routes![trouble]; }
