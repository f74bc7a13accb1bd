use handover::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Signal, Serialize, Deserialize)]
struct Shipped<T> {
//~            ^
    order: T,
}

fn main() {
    drop(Shipped { order: 42 }.order);
}
