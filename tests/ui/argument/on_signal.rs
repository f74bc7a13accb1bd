use handover::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Signal, Serialize, Deserialize)]
struct Shipped;

#[on_signal]
async fn handler(signal: Signal<Shipped>, text: Text) {
//~                                             ^^^^
    drop((signal, text));
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
