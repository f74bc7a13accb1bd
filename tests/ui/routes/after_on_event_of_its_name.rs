use handover::prelude::*;

#[on_event(name = "referral")]
async fn all() {}

#[on_referral(ref = "spring")]
async fn spring() {}

fn routes() -> Routes {
    routes![all, spring]
//~              ^^^^^^
}

fn main() {}
