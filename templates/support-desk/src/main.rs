#[cfg(feature = "desk")]
mod desk;

#[tokio::main]
async fn main() -> handover::Result {
    let bot = {{crate_name}}::bot({{crate_name}}::OfficeHours::default());
    #[cfg(feature = "desk")]
    if desk::is_wanted() {
        return desk::run(bot).await;
    }
    bot.run().await
}
