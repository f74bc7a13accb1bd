use handover::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Signal, Serialize, Deserialize)]
struct Shipped;

#[on_message]
async fn handler(signal: Signal<Shipped>) {
//~                      ^^^^^^^^^^^^^^^
    drop(signal);
}

fn main() { let _: handover::Routes = handover::routes![handler]; }
