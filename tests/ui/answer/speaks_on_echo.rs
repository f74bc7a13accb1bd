use handover::prelude::*;

#[on_echo]
async fn colleague() -> String {
//~                     ^^^^^^
    "me too".into()
}

fn main() {}
