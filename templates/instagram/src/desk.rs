//! Without configuration: the bot on your desk, with the simulator of the platform.

use handover::stage::sim::{SimulatedApp, Simulator};
use handover::{Bot, Config, Error, Store};

const PAGE_ID: &str = "1744550565845823";
const ACCOUNT_ID: &str = "17841405793187218";
const APP_ID: &str = "1517776481860111";
// What `handover trigger` and `handover thread` take where nothing is configured.
const SECRET: &str = "desk-secret";
const TOKEN: &str = "desk-token";
const VERIFY_TOKEN: &str = "desk-verify";

/// Whether nobody has tried to configure the bot yet.
pub(crate) fn is_wanted() -> bool {
    let is_asked_for_routes = std::env::var_os("HANDOVER_DESCRIBE").is_some();
    !is_asked_for_routes && Config::from_env().is_err_and(|error| error.nothing_is_set())
}

pub(crate) async fn run<S: Send + Sync + 'static>(bot: Bot<S>) -> handover::Result {
    handover::log_to_stderr();
    let app = SimulatedApp::new(APP_ID, "{{project-name}}")
        .webhook("http://127.0.0.1:8080/webhook")
        .secret(SECRET)
        .token(TOKEN)
        .verify_token(VERIFY_TOKEN);
    let simulator = Simulator::builder()
        .page(PAGE_ID, "{{project-name}}")
        .instagram(ACCOUNT_ID, "{{project-name}}", PAGE_ID)
        .app(app)
        .address(([127, 0, 0, 1], 8090).into());
    let simulator = simulator.start().await.map_err(Error::other)?;
    eprintln!(
        "\n  Be the customer and the agent:  {}\n",
        simulator.page_url()
    );
    let config = Config::new(PAGE_ID, APP_ID)
        .access_token(TOKEN)
        .app_secret(SECRET)
        .verify_token(VERIFY_TOKEN)
        .graph_url(simulator.graph_url().parse().map_err(Error::other)?)
        .store(Store::Memory);
    bot.config(config).run().await
}
