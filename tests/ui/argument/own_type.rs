use handover::prelude::*;

struct Basket;

#[on_message]
async fn greet(basket: Basket) {
//~                    ^^^^^^
    drop(basket);
}

fn main() { let _: handover::Routes = handover::routes![greet]; }
