use handover::prelude::*;

#[on_referral(ref = 2.5)]
//~                 ^^^
async fn handler() {}

fn main() { let _: handover::Routes = handover::routes![handler]; }
