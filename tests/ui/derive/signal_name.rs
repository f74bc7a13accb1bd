use handover::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Signal, Serialize, Deserialize)]
#[handover(name = "order shipped")]
//~               ^^^^^^^^^^^^^^^
struct Shipped {
    order: u64,
}

fn main() {
    drop(Shipped { order: 42 }.order);
}
