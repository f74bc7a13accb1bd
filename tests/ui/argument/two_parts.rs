use handover::extract::SessionPartData;
use handover::prelude::*;

#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Cart(u32);

impl SessionPartData for Cart {
    const NAME: &str = "cart";
}

#[on_message]
async fn count(_: SessionPart<Cart>, _: SessionPart<Cart>) {}
//~                                     ^^^^^^^^^^^^^^^^^

fn main() {
    let _ = Bot::new(routes![count]);
}
