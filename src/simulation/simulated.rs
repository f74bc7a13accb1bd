//! Bots together with the simulator.

use std::net::{Ipv4Addr, SocketAddr};

use handover_runtime::shared::Environment;
use handover_sim::local::{self, LocalApp};
use handover_sim::{Simulator, SimulatorBuilder};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::{Bot, Error, Result, Store, local_platform};

/// Port of the operations page of the first bot, if it is free.
const OPERATIONS_PORT: u16 = 9464;

/// Runs the bots until one of them ends.
pub(super) async fn run(mut platform: SimulatorBuilder, bots: Vec<(String, Bot)>) -> Result {
    let mut prepared = Vec::new();
    for ((name, bot), number) in bots.into_iter().zip(0..) {
        let app = LocalApp::default().numbered(name, number);
        let (listener, address) = listen(&app.name, local::BOT_PORT + number)?;
        platform = platform.app(app.at(address));
        prepared.push((app, bot, listener));
    }
    let simulator = start(platform).await?;
    let mut pages = Vec::new();
    for (app, ..) in &prepared {
        let name = if prepared.len() > 1 {
            &app.name
        } else {
            "the bot"
        };
        pages.push(operations_page(name, app)?);
    }
    eprintln!();
    let apps: Vec<_> = prepared.iter().map(|(app, ..)| app.clone()).collect();
    let environment = Environment::load();
    let mut running = JoinSet::new();
    for ((app, bot, listener), operations) in prepared.into_iter().zip(pages) {
        let mut config = local_platform::config(&app, &simulator)?.store(Store::Memory);
        if let Some(path) = environment.get("HANDOVER_RECORD") {
            config = config.record(path);
        }
        let mut bot = bot.config(config);
        for app in &apps {
            bot = bot.app(&app.name, app.id.clone());
        }
        running.spawn(handover_runtime::serve(bot, listener, Some(operations)));
    }
    // A signal ends all, but one that has just begun may miss it. Nothing important is lost.
    match running.join_next().await {
        Some(ended) => ended.map_err(Error::other)?,
        None => Ok(()),
    }
}

/// A listener at this port, or at a free one.
fn listen(name: &str, port: u16) -> Result<(TcpListener, SocketAddr)> {
    let address = (Ipv4Addr::LOCALHOST, port).into();
    let failed = |source| Error::Listen { address, source };
    let (listener, taken) = local::bind(port).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    if taken.is_some() {
        eprintln!("port {port} is taken, so the webhook of {name} is http://{bound}/webhook");
    }
    listener.set_nonblocking(true).map_err(failed)?;
    Ok((TcpListener::from_std(listener).map_err(failed)?, bound))
}

/// A listener for the operations page of a bot. Prints the page's address, which has the token in it.
fn operations_page(name: &str, app: &LocalApp) -> Result<std::net::TcpListener> {
    let address = (Ipv4Addr::LOCALHOST, OPERATIONS_PORT).into();
    let failed = |source| Error::Listen { address, source };
    let (listener, _) = local::bind(OPERATIONS_PORT).map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let bound = listener.local_addr().map_err(failed)?;
    let token = handover_runtime::operations_token(&app.secret);
    let what = format!("See what {name} does:");
    eprintln!("  {what:<30}  http://{bound}/#token={token}");
    Ok(listener)
}

/// Starts the simulator and prints where it is.
async fn start(platform: SimulatorBuilder) -> Result<Simulator> {
    crate::log_to_stderr();
    let (simulator, _) = local::start(platform, local::SIMULATOR_PORT)
        .await
        .map_err(Error::other)?;
    let page = simulator.page_url();
    eprintln!("\n  Be the customer and the agent:  {page}");
    Ok(simulator)
}
