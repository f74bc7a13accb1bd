//! Shared by the examples: runs a bot in production if the environment configures it, and otherwise
//! on your desk, together with the simulator.

#![allow(dead_code, reason = "each example uses its part of it")]

use std::net::{Ipv4Addr, SocketAddr};

use handover::{Bot, Config, Error, Store};
use handover_sim::{SimulatedApp, Simulator, SimulatorBuilder};
use tokio::net::TcpListener;
use tokio::task::JoinSet;

const PAGE_ID: &str = "1744550565845823";
const FIRST_APP_ID: u64 = 1_517_776_481_860_111;

/// What the simulator has besides the Page "Kaffeehaus".
pub(crate) type Platform = fn(SimulatorBuilder) -> SimulatorBuilder;

/// Runs named bots of one Page. In production each is a process of its own, and of several the
/// first argument of the program says which.
pub(crate) async fn run<S: Send + Sync + 'static, const N: usize>(
    bots: [(&'static str, Bot<S>); N],
) -> handover::Result {
    run_on(|platform| platform, bots).await
}

/// The same where there are other accounts, too, or another default app.
pub(crate) async fn run_on<S: Send + Sync + 'static, const N: usize>(
    platform: Platform,
    bots: [(&'static str, Bot<S>); N],
) -> handover::Result {
    if is_asked_for_routes() || is_configured() {
        return chosen(bots)?.run().await;
    }
    on_your_desk(platform, bots, Bot::serve).await
}

/// Runs a bot in a program that serves it itself.
pub(crate) async fn run_in<S, F>(
    name: &'static str,
    bot: Bot<S>,
    serve: impl Fn(Bot<S>, TcpListener) -> F,
) -> handover::Result
where
    S: Send + Sync + 'static,
    F: Future<Output = handover::Result> + Send + 'static,
{
    if is_asked_for_routes() {
        return bot.run().await;
    }
    if is_configured() {
        return serve(bot, listen(8080).await?).await;
    }
    on_your_desk(|platform| platform, [(name, bot)], serve).await
}

fn is_asked_for_routes() -> bool {
    std::env::var_os("HANDOVER_DESCRIBE").is_some()
}

/// Whether anybody tried; what is missing then is told when the bot starts.
fn is_configured() -> bool {
    !Config::from_env().is_err_and(|error| error.nothing_is_set())
}

fn chosen<S, const N: usize>(bots: [(&'static str, Bot<S>); N]) -> handover::Result<Bot<S>> {
    let names = bots.each_ref().map(|(name, _)| *name).join(", ");
    let wanted = std::env::args().nth(1);
    let is_wanted = |name| N == 1 || wanted.as_deref() == Some(name);
    let chosen = bots.into_iter().find(|(name, _)| is_wanted(*name));
    chosen
        .map(|(_, bot)| bot)
        .ok_or_else(|| Error::other(format!("which bot? say one of: {names}")))
}

/// Serves the bots together with the simulator, and says where that is.
async fn on_your_desk<S, F, const N: usize>(
    platform: Platform,
    bots: [(&'static str, Bot<S>); N],
    serve: impl Fn(Bot<S>, TcpListener) -> F,
) -> handover::Result
where
    S: Send + Sync + 'static,
    F: Future<Output = handover::Result> + Send + 'static,
{
    handover::log_to_stderr();
    let mut simulator = platform(Simulator::builder().page(PAGE_ID, "Kaffeehaus"));
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
        running.spawn(serve(bot.config(config(app_id, &simulator)?), listener));
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
