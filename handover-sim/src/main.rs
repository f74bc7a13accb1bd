//! Command-line program of the simulator.

mod check_command;
mod config;
mod options;
mod shutdown;

use std::error::Error;
use std::io::Write;
use std::net::Ipv4Addr;
use std::process::ExitCode;

use handover_sim::{SimulatedApp, Simulator, SimulatorBuilder, local};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::prelude::*;

use check_command::CheckCommand;
use config::{BotEnvironment, ConfigFile};
use options::{CommandLine, Options};
use shutdown::shutdown_signal;

#[tokio::main]
async fn main() -> Result<ExitCode, Box<dyn Error>> {
    if std::env::args_os()
        .nth(1)
        .is_some_and(|first| first == "check")
    {
        return Ok(run_check());
    }
    let options = match CommandLine::parse(std::env::args_os().skip(1)) {
        Ok(CommandLine::Start(options)) => options,
        Ok(CommandLine::Help) => {
            println!("{}", options::help());
            return Ok(ExitCode::SUCCESS);
        }
        Ok(CommandLine::Version) => {
            println!("handover-sim {}", env!("CARGO_PKG_VERSION"));
            return Ok(ExitCode::SUCCESS);
        }
        Err(error) => {
            eprintln!("handover-sim: {error}");
            std::process::exit(2);
        }
    };
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
    Ok(ExitCode::SUCCESS)
}

fn run_check() -> ExitCode {
    match CheckCommand::parse(std::env::args_os().skip(2)) {
        Ok(Some(command)) => command.run(),
        Ok(None) => {
            // Whoever reads it may have read enough.
            let _ = writeln!(std::io::stdout(), "{}", check_command::HELP);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("handover-sim: {error}");
            ExitCode::from(2)
        }
    }
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
        for name in &self.allow_host {
            builder = builder.allow_host(name);
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
