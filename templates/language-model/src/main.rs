use {{crate_name}}::{Model, bot};

#[tokio::main]
async fn main() -> handover::Result {
    handover::run(bot(Model::from_env()?)).await
}
