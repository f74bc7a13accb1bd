use handover::prelude::*;

#[on_message]
async fn next() -> [Button; 1] {
//~                ^^^^^^^^^^^
    [Button::postback("Menu", "MENU")]
}

fn main() { let _: handover::Routes = handover::routes![next]; }
