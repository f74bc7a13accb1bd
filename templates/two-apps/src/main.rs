use handover::Simulation;

use {{crate_name}}::{billing, reception};

#[tokio::main]
async fn main() -> handover::Result {
    Simulation::new()
        .bot("reception", reception::bot())
        .bot("billing", billing::bot())
        .run()
        .await
}
