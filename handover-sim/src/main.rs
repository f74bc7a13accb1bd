//! Command-line program of the simulator.

mod config;
mod shutdown;

use std::error::Error;
use std::net::Ipv4Addr;
use std::path::PathBuf;

use clap::Parser;
use handover_sim::{SimulatedApp, Simulator, SimulatorBuilder, local};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

use config::{BotEnvironment, ConfigFile};
use shutdown::shutdown_signal;

/// Local simulator of Meta's Messenger Platform: Graph API, signed webhooks, and a page on which you
/// act as the person and the agent.
#[derive(Parser)]
#[command(version)]
struct Options {
    /// Configuration file (TOML) for several accounts and bots. Replaces the options below.
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with_all = [
            "bot", "app_secret", "verify_token", "access_token", "page_id", "app_id", "instagram",
            "zero_config",
        ]
    )]
    config: Option<PathBuf>,
    /// URL of the bot's webhook.
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://127.0.0.1:8080/webhook"
    )]
    bot: String,
    /// App secret, which signs webhooks.
    #[arg(long, value_name = "SECRET", default_value = local::APP_SECRET)]
    app_secret: String,
    /// Verify token of the webhook.
    #[arg(long, value_name = "TOKEN", default_value = local::VERIFY_TOKEN)]
    verify_token: String,
    /// Page access token of the bot.
    #[arg(long, value_name = "TOKEN", default_value = local::ACCESS_TOKEN)]
    access_token: String,
    /// Port to listen on. 0: a free port. Default: 8090.
    #[arg(long)]
    port: Option<u16>,
    /// Id of the Page.
    #[arg(long, value_name = "ID", default_value = local::PAGE_ID)]
    page_id: String,
    /// App id of the bot.
    #[arg(long, value_name = "ID", default_value = local::APP_ID)]
    app_id: String,
    /// Adds an Instagram account with this id, linked to the Page.
    #[arg(long, value_name = "ID", num_args = 0..=1, default_missing_value = local::INSTAGRAM_ID)]
    instagram: Option<String>,
    /// Turns off conversation routing: there is no default app.
    #[arg(long)]
    zero_config: bool,
    /// Seed of ids and faults. Default: another one for each run.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let options = Options::parse();
    let levels = std::env::var("RUST_LOG").ok();
    let levels = levels.and_then(|levels| levels.parse().ok());
    tracing_subscriber::registry()
        .with(tracing_subscriber::fmt::layer().with_writer(std::io::stderr))
        .with(levels.unwrap_or_else(|| Targets::new().with_default(LevelFilter::INFO)))
        .init();
    let (builder, bots) = match options.set_up() {
        Ok(set_up) => set_up,
        Err(error) => {
            eprintln!("handover-sim: {error}");
            std::process::exit(2);
        }
    };
    let shutdown = shutdown_signal()?;
    let sim = match builder.start().await {
        Ok(sim) => sim,
        Err(error) => {
            eprintln!("handover-sim: {error}");
            std::process::exit(1);
        }
    };
    println!("Act as person and agent at {}\n", sim.page_url());
    for bot in bots {
        println!("{bot}  GRAPH_API_URL={}\n", sim.graph_url());
    }
    println!(
        "Control it from a test: {}control/openapi.json",
        sim.page_url()
    );
    println!("Stop with Ctrl-C.");
    shutdown.await;
    sim.stop().await;
    Ok(())
}

impl Options {
    fn set_up(&self) -> Result<(SimulatorBuilder, Vec<BotEnvironment>), config::ConfigFileError> {
        let (mut builder, bots) = match &self.config {
            Some(path) => {
                let config = ConfigFile::read(path)?;
                (config.builder(), config.bots())
            }
            None => (self.builder(), vec![self.bot()]),
        };
        if let Some(port) = self.port {
            builder = builder.address((Ipv4Addr::LOCALHOST, port).into());
        }
        if let Some(seed) = self.seed {
            builder = builder.seed(seed);
        }
        Ok((builder, bots))
    }

    fn builder(&self) -> SimulatorBuilder {
        let mut builder = Simulator::builder()
            .address((Ipv4Addr::LOCALHOST, local::SIMULATOR_PORT).into())
            .page(self.page_id.as_str(), local::PAGE_NAME);
        if let Some(id) = &self.instagram {
            builder = builder.instagram(id.as_str(), "kaffeehaus", self.page_id.as_str());
        }
        if self.zero_config {
            builder = builder.zero_config();
        }
        builder.app(
            SimulatedApp::new(self.app_id.as_str(), local::APP_NAME)
                .secret(&self.app_secret)
                .token(&self.access_token)
                .verify_token(&self.verify_token)
                .webhook(&self.bot),
        )
    }

    fn bot(&self) -> BotEnvironment {
        BotEnvironment {
            name: local::APP_NAME.to_owned(),
            webhook: Some(self.bot.clone()),
            app_id: self.app_id.as_str().into(),
            secret: self.app_secret.clone(),
            verify_token: Some(self.verify_token.clone()),
            tokens: vec![(self.page_id.as_str().into(), self.access_token.clone())],
        }
    }
}
