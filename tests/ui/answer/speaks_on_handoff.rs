use handover::prelude::*;

#[on_handoff(kind = "returned")]
async fn welcome_back() -> &'static str {
//~                        ^^^^^^^^^^^^
    "I am back."
}

fn main() { let _: handover::Routes = handover::routes![welcome_back]; }
