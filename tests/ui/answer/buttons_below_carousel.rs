use handover::prelude::*;

#[on_message]
async fn hats() -> Message {
    Carousel::new().with_buttons([Button::postback("Menu", "MENU")])
//~                 ^^^^^^^^^^^^
}

fn main() { let _: handover::Routes = handover::routes![hats]; }
