#[tokio::main]
async fn main() -> handover::Result {
    handover::desk::run({{crate_name}}::bot()).await
}
