use handover::prelude::*;

#[on_echo]
async fn colleague() -> String {
//~                     ^^^^^^
    "me too".into()
}

fn main() { let _: handover::Routes = handover::routes![colleague]; }
