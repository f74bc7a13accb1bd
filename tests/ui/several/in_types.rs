use handover::prelude::*;

struct Basket;

#[on_standby]
#[handoff(to = "page_inbox")]
//~            ^^^^^^^^^^^^
async fn overheard(basket: Basket, payload: Payload<u64>) -> &'static str {
//~                        ^^^^^^           ^^^^^^^^^^^^     ^^^^^^^^^^^^
    drop((basket, payload));
    "me too"
}

fn main() {}
