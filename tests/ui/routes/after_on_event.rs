use handover::prelude::*;

#[on_event]
async fn all() {}

#[on_referral]
async fn back() {}

fn routes() -> Routes {
    routes![all, back]
//~              ^^^^
}

fn main() {}
