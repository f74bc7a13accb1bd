//! Without configuration: the bots on your desk, with the simulator of the platform.

use handover::stage::sim::{SimulatedApp, Simulator};
use handover::{Bot, Config, Error, Store};

const PAGE_ID: &str = "1744550565845823";
const FIRST_APP_ID: u64 = 1_517_776_481_860_111;
const FIRST_PORT: u16 = 8080;
// What `handover trigger` and `handover thread` take where nothing is configured.
const SECRET: &str = "desk-secret";
const TOKEN: &str = "desk-token";
const VERIFY_TOKEN: &str = "desk-verify";

/// Whether nobody has tried to configure the bots yet.
pub(crate) fn is_wanted() -> bool {
    let is_asked_for_routes = std::env::var_os("HANDOVER_DESCRIBE").is_some();
    !is_asked_for_routes && Config::from_env().is_err_and(|error| error.nothing_is_set())
}

pub(crate) async fn run(bots: [(&'static str, Bot); 2]) -> handover::Result {
    handover::log_to_stderr();
    let [(first, first_bot), (second, second_bot)] = bots;
    let app = |name, id, port: u16, token: &str| {
        SimulatedApp::new(id, name)
            .webhook(format!("http://127.0.0.1:{port}/webhook"))
            .secret(SECRET)
            .token(token)
            .verify_token(VERIFY_TOKEN)
    };
    let (second_id, second_port) = (FIRST_APP_ID + 1, FIRST_PORT + 1);
    let second_token = format!("{TOKEN}-{second}");
    let simulator = Simulator::builder()
        .page(PAGE_ID, "{{project-name}}")
        .app(app(first, FIRST_APP_ID, FIRST_PORT, TOKEN))
        .app(app(second, second_id, second_port, &second_token))
        .address(([127, 0, 0, 1], 8090).into());
    let simulator = simulator.start().await.map_err(Error::other)?;
    eprintln!(
        "\n  Be the customer and the agent:  {}\n",
        simulator.page_url()
    );
    let config = |id: u64, port: u16, token: &str| -> handover::Result<Config> {
        Ok(Config::new(PAGE_ID, id)
            .access_token(token)
            .app_secret(SECRET)
            .verify_token(VERIFY_TOKEN)
            .graph_url(simulator.graph_url().parse().map_err(Error::other)?)
            .address(([127, 0, 0, 1], port).into())
            .operations(None)
            .store(Store::Memory))
    };
    let run_first = first_bot
        .app(second, second_id)
        .config(config(FIRST_APP_ID, FIRST_PORT, TOKEN)?)
        .run();
    let run_second = second_bot
        .app(first, FIRST_APP_ID)
        .config(config(second_id, second_port, &second_token)?)
        .run();
    tokio::try_join!(run_first, run_second).map(drop)
}
