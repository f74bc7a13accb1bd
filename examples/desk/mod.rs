//! Shared by the examples: runs a bot in production if it is configured, and otherwise together
//! with the simulator, on your desk.

use std::net::{Ipv4Addr, SocketAddr};

use handover::{Bot, Config, Error};
use handover_sim::{SimulatedApp, Simulator};
use tokio::net::TcpListener;

const PAGE_ID: &str = "1744550565845823";
const APP_ID: &str = "1517776481860111";

/// Runs the bot as the environment says; without any configuration, on your desk.
pub(crate) async fn run(bot: Bot) -> handover::Result {
    match Config::from_env() {
        Ok(config) => bot.config(config).run().await,
        Err(error) if error.nothing_is_set() => on_your_desk(bot).await,
        Err(error) => Err(error.into()),
    }
}

async fn on_your_desk(bot: Bot) -> handover::Result {
    handover::log_to_stderr();
    let listener = listen(8080).await?;
    let app = app(APP_ID, "Live chat", &listener)?;
    let simulator = simulate([app]).await?;
    bot.config(config(APP_ID, &simulator)?)
        .serve(listener)
        .await
}

/// An app of the Page whose bot is at the listener.
fn app(id: &str, name: &str, listener: &TcpListener) -> handover::Result<SimulatedApp> {
    let address = listener.local_addr().map_err(Error::other)?;
    let webhook = format!("http://{address}/webhook");
    Ok(SimulatedApp::new(id.to_owned(), name)
        .webhook(webhook)
        .secret(secret(id))
        .token(token(id))
        .verify_token("desk"))
}

/// Starts the platform with these apps, and says where its page is.
async fn simulate(apps: impl IntoIterator<Item = SimulatedApp>) -> handover::Result<Simulator> {
    let address = listen(8090).await?.local_addr().map_err(Error::other)?;
    let mut simulator = Simulator::builder()
        .page(PAGE_ID, "Kaffeehaus")
        .address(address);
    for app in apps {
        simulator = simulator.app(app);
    }
    let simulator = simulator.start().await.map_err(Error::other)?;
    println!(
        "\n  Be the customer and the agent:  {}\n",
        simulator.page_url()
    );
    Ok(simulator)
}

/// What the bot of this app has to know.
fn config(app_id: &str, simulator: &Simulator) -> handover::Result<Config> {
    Ok(Config::new(PAGE_ID, app_id.to_owned())
        .access_token(token(app_id))
        .app_secret(secret(app_id))
        .verify_token("desk")
        .graph_url(simulator.graph_url().parse().map_err(Error::other)?))
}

fn secret(app_id: &str) -> String {
    format!("secret-{app_id}")
}

fn token(app_id: &str) -> String {
    format!("token-{app_id}")
}

/// At this port if it is free, else at any.
async fn listen(port: u16) -> handover::Result<TcpListener> {
    let at = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = match TcpListener::bind(at(port)).await {
        Ok(listener) => Ok(listener),
        Err(_) => TcpListener::bind(at(0)).await,
    };
    listener.map_err(|source| Error::Listen {
        address: at(port),
        source,
    })
}
