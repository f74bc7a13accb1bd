#[cfg(feature = "desk")]
mod desk;

use handover::Error;

use {{crate_name}}::{billing, reception};

#[tokio::main]
async fn main() -> handover::Result {
    #[cfg(feature = "desk")]
    if desk::is_wanted() {
        return desk::run([("reception", reception::bot()), ("billing", billing::bot())]).await;
    }
    match std::env::args().nth(1).as_deref() {
        Some("reception") => reception::bot().run().await,
        Some("billing") => billing::bot().run().await,
        _ => Err(Error::other("which bot? say `reception` or `billing`")),
    }
}
