use handover::prelude::*;

#[on_policy_enforcement]
async fn trouble(sender: Sender) {
//~                      ^^^^^^
    drop(sender);
}

fn main() { let _: handover::Routes = handover::routes![trouble]; }
