use handover::desk::Desk;

use {{crate_name}}::{billing, reception};

#[tokio::main]
async fn main() -> handover::Result {
    Desk::new()
        .bot("reception", reception::bot())
        .bot("billing", billing::bot())
        .run()
        .await
}
