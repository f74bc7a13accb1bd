use handover::prelude::*;

struct Basket;

#[on_standby]
#[handoff(to = "page_inbox")]
//~            ^^^^^^^^^^^^
async fn overheard(basket: Basket, payload: Captures) -> &'static str {
//~                        ^^^^^^           ^^^^^^^^
    drop((basket, payload));
    "me too"
}

fn main() { let _: handover::Routes = handover::routes![overheard]; }
