use handover::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Signal, Serialize, Deserialize)]
struct Shipped;

#[derive(Signal, Serialize, Deserialize)]
struct Paid;

#[on_signal]
async fn handler(shipped: Signal<Shipped>, paid: Signal<Paid>) {
//~      ^^^^^^^
    drop((shipped, paid));
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
