use handover::prelude::*;

#[derive(Signal, serde::Serialize)]
struct Shipped {
//~    ^^^^^^^
    order: u64,
}

fn main() {
    drop(Shipped { order: 42 }.order);
}
