use handover::prelude::*;

#[on_signal]
async fn shipped() -> &'static str {
//~      ^^^^^^^
    "It is on its way."
}

fn main() { let _: handover::Routes = handover::routes![shipped]; }
