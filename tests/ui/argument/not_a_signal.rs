use handover::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Shipped;

#[on_signal]
async fn handler(signal: Signal<Shipped>) {
//~                      ^^^^^^^^^^^^^^^
    drop(signal);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
