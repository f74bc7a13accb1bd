use {{crate_name}}::{OfficeHours, bot};

#[tokio::main]
async fn main() -> handover::Result {
    handover::run(bot(OfficeHours::default())).await
}
