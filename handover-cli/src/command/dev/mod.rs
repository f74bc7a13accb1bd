//! `handover dev`: the bot and the simulator, while you write.

mod bot;
mod bot_setup;
mod build;
mod dev_store;
mod log;
#[cfg(target_os = "linux")]
mod parent_death;
mod watch;

use std::io::IsTerminal;
use std::process::{Command, ExitCode, Stdio};

use clap::Args;
use handover::shutdown_signal;
use handover_sim::local;

use super::CommandResult;
use crate::cargo_target::CargoTarget;
use crate::command_error::CommandError;
use crate::environment::CliEnvironment;
use crate::terminal::{BAD, BOLD, DIM, GOOD, WARN, paint, say};
use bot::BotProcess;
use build::BuildError;
use dev_store::DevStore;
use log::Log;
#[cfg(target_os = "linux")]
pub(crate) use parent_death::ParentDeath;
use watch::Watch;

/// Run the bot against the simulator, and rebuild it when you save
///
/// Starts the simulator of the platform, with a page on which you act as the customer and the agent. The
/// conversation and the bot's sessions are kept when the bot restarts. Your own variables are used if
/// they are set, but nothing leaves this machine. Files that Git ignores do not cause a rebuild, except
/// `.env`.
#[derive(Args)]
pub(crate) struct Dev {
    /// The port of the simulator and its page
    #[arg(long, default_value_t = local::SIMULATOR_PORT)]
    port: u16,
    /// The port of the bot; further bots use the next ones. If one is taken, a free one is used
    #[arg(long, default_value_t = local::BOT_PORT)]
    bot_port: u16,
    /// Several bots of one Page: each is the program with its name as the first argument
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    bots: Vec<String>,
    /// Answer under this name with a domain, too, such as that of a tunnel; can be repeated
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// Do not open the page
    #[arg(long)]
    no_open: bool,
    #[command(flatten)]
    target: CargoTarget,
    /// Arguments for the bot
    #[arg(last = true, value_name = "ARGUMENTS")]
    arguments: Vec<String>,
}

impl Dev {
    pub(crate) async fn run(self) -> CommandResult {
        let environment = CliEnvironment::load();
        let setups = bot_setup::setups(&environment, &self.bots, self.bot_port)?;
        // Before anything is built, so that what was saved meanwhile is not missed.
        let mut watch = Watch::start(&self.target)?;
        let platform = bot_setup::simulator(&environment, &setups, &self.allow_host)
            .map_err(CommandError::usage)?;
        let (simulator, taken) = local::start(platform, self.port).await?;
        let page = simulator.page_url();
        say(format_args!(
            "\n  Be the customer and the agent:  {}\n",
            paint(BOLD, &page)
        ));
        if let Some(error) = taken {
            let reason = format_args!(
                "  not at port {}, where other commands look for it: {error}",
                self.port
            );
            say(paint(WARN, reason));
        }
        for bot_setup in &setups {
            say(paint(DIM, format_args!("  {}", bot_setup.summary())));
            if let Some(reason) = &bot_setup.elsewhere {
                say(paint(WARN, format_args!("  {reason}")));
            }
        }
        say("");
        if !self.no_open && std::io::stdout().is_terminal() {
            open(&page);
        }
        let store = DevStore::new()?;
        let mut log = Log::new(setups.len() > 1);
        let mut bots: Vec<BotProcess> = Vec::new();
        let mut build = Box::pin(build::build(&self.target));
        let mut is_building = true;
        let mut was_built = false;
        let mut stop = Box::pin(shutdown_signal());
        loop {
            tokio::select! {
                built = &mut build, if is_building => {
                    is_building = false;
                    match built {
                        Ok(program) => {
                            was_built = true;
                            say(paint(GOOD, format_args!("built in {:.1} s", program.took.as_secs_f32())));
                            bot::stop(&mut bots).await;
                            match bot::start(&program, &setups, &store, &simulator.graph_url(), &self.arguments) {
                                Ok(started) => bots = started,
                                Err(error) => again(error),
                            }
                        }
                        // From the beginning it is the command that is wrong, and not what was saved.
                        Err(error) if !was_built && !matches!(error, BuildError::Code) => return Err(error.into()),
                        Err(error) => again(error),
                    }
                }
                changed = watch.changed() => {
                    say(paint(DIM, format_args!("{changed} was saved")));
                    build = Box::pin(build::build(&self.target));
                    is_building = true;
                }
                ended = bot::ended(&mut bots) => {
                    say(format_args!("{}; it starts again when you save", paint(BAD, ended)));
                }
                () = log.tick(&simulator) => {}
                () = &mut stop => break,
            }
        }
        // It hears Ctrl-C, too, but not every signal.
        bot::stop(&mut bots).await;
        simulator.stop().await;
        Ok(ExitCode::SUCCESS)
    }
}

/// Prints an error after which the next save builds again.
fn again(error: impl Into<CommandError>) {
    let error = error.into();
    say(format_args!(
        "{}; it is built again when you save",
        paint(BAD, error)
    ));
}

/// Opens an address in the browser, if there is one.
fn open(url: &str) {
    let program = match std::env::consts::OS {
        "macos" => "open",
        "windows" => "explorer",
        _ => "xdg-open",
    };
    // The address is printed as well.
    let _ = Command::new(program)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
}
