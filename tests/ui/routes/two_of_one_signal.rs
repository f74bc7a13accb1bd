use handover::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Signal, Serialize, Deserialize)]
struct Shipped;

#[on_signal]
async fn first(signal: Signal<Shipped>) {
    drop(signal);
}

#[on_signal]
async fn second(signal: Signal<Shipped>) {
    drop(signal);
}

fn routes() -> Routes {
    routes![first, second]
//~                ^^^^^^
}

fn main() {}
