//! The simulator as a command, for bots in any language.

use std::net::Ipv4Addr;

use clap::Parser;
use handover_sim::{SimulatedApp, Simulator};
use tracing_subscriber::EnvFilter;

/// A stand-in for Meta's Messenger Platform: Graph API, signed webhooks, and a page on which you
/// play the person and the agent.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// The bot's webhook.
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:8080/webhook"
    )]
    bot: String,
    /// The secret that signs webhooks.
    #[arg(long, value_name = "SECRET", default_value = "desk-secret")]
    app_secret: String,
    /// The token the webhook is verified with.
    #[arg(long, value_name = "TOKEN", default_value = "desk-verify")]
    verify_token: String,
    /// The token the bot calls the Graph API with.
    #[arg(long, value_name = "TOKEN", default_value = "desk-token")]
    access_token: String,
    /// The port to listen on; 0 takes a free one.
    #[arg(long, default_value_t = 8090)]
    port: u16,
    /// The Page's id.
    #[arg(long, value_name = "ID", default_value = "1744550565845823")]
    page_id: String,
    /// The bot's app id.
    #[arg(long, value_name = "ID", default_value = "1517776481860111")]
    app_id: String,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into()))
        .init();
    let options = Options::parse();
    let sim = Simulator::builder()
        .page(options.page_id.as_str(), "Kaffeehaus")
        .app(
            SimulatedApp::new(options.app_id.as_str(), "Your bot")
                .secret(&options.app_secret)
                .token(&options.access_token)
                .verify_token(&options.verify_token)
                .webhook(&options.bot),
        )
        .address((Ipv4Addr::LOCALHOST, options.port).into())
        .start()
        .await?;
    println!("Play person and agent at {}\n", sim.page_url());
    println!("Start the bot at {} with\n", options.bot);
    for (name, value) in [
        ("MESSENGER_PAGE_ID", &options.page_id),
        ("MESSENGER_ACCESS_TOKEN", &options.access_token),
        ("MESSENGER_APP_ID", &options.app_id),
        ("MESSENGER_APP_SECRET", &options.app_secret),
        ("MESSENGER_VERIFY_TOKEN", &options.verify_token),
        ("GRAPH_API_URL", &sim.graph_url()),
    ] {
        println!("  {name}={value}");
    }
    println!("\nEnd with Ctrl-C.");
    tokio::signal::ctrl_c().await?;
    sim.stop().await;
    Ok(())
}
