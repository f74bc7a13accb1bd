#[tokio::main]
async fn main() -> handover::Result {
    handover::run({{crate_name}}::bot()).await
}
