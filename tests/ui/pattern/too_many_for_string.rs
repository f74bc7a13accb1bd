use handover::prelude::*;

#[on_optin(payload = "NEWS:{topic}:{day}")]
async fn order(order: Payload) {
//~                   ^^^^^^^
    drop(order);
}

fn main() { let _: handover::Routes = handover::routes![order]; }
