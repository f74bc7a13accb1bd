//! Bots together with the simulator.

use std::net::{Ipv4Addr, SocketAddr};

use handover_sim::{Simulator, SimulatorBuilder, StartError};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::local_platform::LocalApp;
use crate::{Bot, Error, Result, Store};

const FIRST_PORT: u16 = 8080;
const SIMULATORS_PORT: u16 = 8090;

/// Runs the bots until one of them ends.
pub(super) async fn run(mut platform: SimulatorBuilder, bots: Vec<(String, Bot)>) -> Result {
    let mut prepared = Vec::new();
    for ((name, bot), number) in bots.into_iter().zip(0..) {
        let app = LocalApp::new(name, number);
        let (listener, address) = take_port(&app.name, FIRST_PORT + number).await?;
        platform = platform.app(app.at(address));
        prepared.push((app, bot, listener));
    }
    let simulator = start(platform).await?;
    let apps: Vec<_> = prepared.iter().map(|(app, ..)| app.clone()).collect();
    let mut running = JoinSet::new();
    for (app, bot, listener) in prepared {
        let mut bot = bot.config(app.config(&simulator)?.store(Store::Memory));
        for app in &apps {
            bot = bot.app(&app.name, app.id);
        }
        running.spawn(handover_runtime::serve(bot, listener));
    }
    // A signal ends all, but one that has just begun may miss it. They lose nothing of worth.
    match running.join_next().await {
        Some(ended) => ended.map_err(Error::other)?,
        None => Ok(()),
    }
}

/// This port, or a free one.
async fn take_port(name: &str, port: u16) -> Result<(TcpListener, SocketAddr)> {
    let wanted = loopback(port);
    let listener = match TcpListener::bind(wanted).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind(loopback(0)).await,
    };
    let listener = listener.map_err(|source| Error::Listen {
        address: wanted,
        source,
    })?;
    let address = listener.local_addr().map_err(Error::other)?;
    if address != wanted {
        eprintln!("{wanted} is taken, so the webhook of {name} is http://{address}/webhook");
    }
    Ok((listener, address))
}

/// Starts the simulator, and says where it is.
async fn start(platform: SimulatorBuilder) -> Result<Simulator> {
    crate::log_to_stderr();
    let at = |port| platform.clone().address(loopback(port)).start();
    let simulator = match at(SIMULATORS_PORT).await {
        Err(StartError::Address { .. }) => at(0).await,
        started => started,
    };
    let simulator = simulator.map_err(Error::other)?;
    let page = simulator.page_url();
    eprintln!("\n  Be the customer and the agent:  {page}\n");
    Ok(simulator)
}

fn loopback(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}
