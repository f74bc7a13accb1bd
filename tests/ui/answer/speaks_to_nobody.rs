use handover::prelude::*;

#[on_policy_enforcement]
async fn trouble() -> Option<String> {
//~                   ^^^^^^^^^^^^^^
    None
}

fn main() { let _: handover::Routes = handover::routes![trouble]; }
