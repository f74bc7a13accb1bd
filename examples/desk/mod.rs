//! Shared by the examples: runs a bot in production if the environment configures it, and otherwise
//! on your desk, together with the simulator.

use std::net::{Ipv4Addr, SocketAddr};

use handover::{Bot, Config, Error, Store};
use handover_sim::{SimulatedApp, Simulator};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const PAGE_ID: &str = "1744550565845823";
const FIRST_APP_ID: u64 = 1_517_776_481_860_111;

/// Runs named bots of one Page. In production each is a process of its own, and of several the
/// first argument of the program says which.
pub(crate) async fn run<const N: usize>(bots: [(&'static str, Bot); N]) -> handover::Result {
    match Config::from_env() {
        Ok(config) => chosen(bots)?.config(config).run().await,
        Err(error) if error.nothing_is_set() => on_your_desk(bots).await,
        Err(error) => Err(error.into()),
    }
}

fn chosen<const N: usize>(bots: [(&'static str, Bot); N]) -> handover::Result<Bot> {
    let names = bots.each_ref().map(|(name, _)| *name).join(", ");
    let wanted = std::env::args().nth(1);
    let is_wanted = |name| N == 1 || wanted.as_deref() == Some(name);
    let chosen = bots.into_iter().find(|(name, _)| is_wanted(*name));
    chosen
        .map(|(_, bot)| bot)
        .ok_or_else(|| Error::other(format!("which bot? say one of: {names}")))
}

async fn on_your_desk<const N: usize>(bots: [(&'static str, Bot); N]) -> handover::Result {
    handover::log_to_stderr();
    let mut simulator = Simulator::builder().page(PAGE_ID, "Kaffeehaus");
    let mut seats = Vec::new();
    for ((name, bot), app_id) in bots.into_iter().zip(FIRST_APP_ID..) {
        let listener = listen(8080).await?;
        let address = listener.local_addr().map_err(Error::other)?;
        simulator = simulator.app(
            SimulatedApp::new(app_id, name.replace('_', " "))
                .webhook(format!("http://{address}/webhook"))
                .secret(secret(app_id))
                .token(token(app_id))
                .verify_token("desk"),
        );
        seats.push((name, app_id, bot, listener));
    }
    let simulator = match simulator.clone().address(loopback(8090)).start().await {
        Ok(simulator) => simulator,
        Err(_) => simulator
            .address(loopback(0))
            .start()
            .await
            .map_err(Error::other)?,
    };
    println!(
        "\n  Be the customer and the agent:  {}\n",
        simulator.page_url()
    );

    let colleagues: Vec<_> = seats
        .iter()
        .map(|(name, app_id, ..)| (*name, *app_id))
        .collect();
    let mut running = JoinSet::new();
    for (_, app_id, mut bot, listener) in seats {
        for (name, app_id) in &colleagues {
            bot = bot.app(*name, *app_id);
        }
        running.spawn(bot.config(config(app_id, &simulator)?).serve(listener));
    }
    while let Some(ended) = running.join_next().await {
        ended.map_err(Error::other)??;
    }
    Ok(())
}

/// What the bot of this app has to know.
fn config(app_id: u64, simulator: &Simulator) -> handover::Result<Config> {
    Ok(Config::new(PAGE_ID, app_id)
        .access_token(token(app_id))
        .app_secret(secret(app_id))
        .verify_token("desk")
        .graph_url(simulator.graph_url().parse().map_err(Error::other)?)
        .store(Store::Memory))
}

fn secret(app_id: u64) -> String {
    format!("secret-{app_id}")
}

fn token(app_id: u64) -> String {
    format!("token-{app_id}")
}

/// At this port if it is free, else at any.
async fn listen(port: u16) -> handover::Result<TcpListener> {
    let listener = match TcpListener::bind(loopback(port)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind(loopback(0)).await,
    };
    listener.map_err(|source| Error::Listen {
        address: loopback(port),
        source,
    })
}

fn loopback(port: u16) -> SocketAddr {
    SocketAddr::from((Ipv4Addr::LOCALHOST, port))
}
