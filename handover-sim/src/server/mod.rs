//! The platform's face on the network: Graph API, webhooks, and the page.

mod assets;
mod control;
mod courier;
mod desk;
mod encode;
mod events;
mod graph;
mod parameters;
mod signature;
mod timeline;
mod view;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::{get, post};
use handover_protocol::AppId;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;
use url::Url;

pub(crate) use desk::Desk;
pub use timeline::{TimelineItem, TimelineKind, TimelineState};

use crate::platform::{Account, App, Platform};
use crate::simulated_app::SimulatedApp;
use crate::start_error::StartError;
use courier::Courier;
use desk::{Connection, Line, Webhook};
use signature::Signer;

/// How long open connections may take to end when the simulator stops.
const FAREWELL: Duration = Duration::from_secs(2);

/// The server and its couriers. Dropping it ends them.
pub(crate) struct Server {
    pub(crate) desk: Arc<Desk>,
    pub(crate) address: SocketAddr,
    listening: JoinHandle<std::io::Result<()>>,
    /// Aborts the couriers when dropped.
    _couriers: JoinSet<()>,
}

/// What a server is made of.
pub(crate) struct Setup {
    pub(crate) page: Account,
    pub(crate) apps: Vec<SimulatedApp>,
    pub(crate) address: SocketAddr,
    pub(crate) retry_after: Vec<Duration>,
    pub(crate) seed: u64,
}

impl Server {
    pub(crate) async fn start(setup: Setup) -> Result<Self, StartError> {
        let mut platform = Platform::new(setup.seed);
        let page = setup.page.id.clone();
        platform.open(setup.page);
        let mut connections = Vec::new();
        let mut webhooks = Vec::new();
        for app in setup.apps {
            let secret = |_| StartError::Secret {
                app: app.id.clone(),
            };
            let signer = Signer::new(&app.secret).map_err(secret)?;
            let line = match app.webhook {
                None => None,
                Some(address) => {
                    let url = address_of(&app.id, &address)?;
                    let (queue, parcels) = mpsc::unbounded_channel();
                    let webhook = Webhook {
                        app: app.id.clone(),
                        url: url.clone(),
                        verify_token: app.verify_token,
                        signer: signer.clone(),
                    };
                    webhooks.push((webhook, parcels));
                    Some(Line { url, queue })
                }
            };
            platform.connect(App {
                webhook: line.is_some(),
                ..App::new(app.id.clone(), app.name)
            });
            if let Some(connection) = platform.connection_mut(&page, &app.id) {
                connection.can_take = app.can_take;
                connection.standby = app.standby;
            }
            connections.push(Connection {
                app: app.id,
                token: app.token,
                signer,
                line,
            });
        }
        platform.meet(&page, crate::FIRST_PERSON);

        let client = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(StartError::Client)?;
        let unbound = |source| StartError::Address {
            address: setup.address,
            source,
        };
        let listener = TcpListener::bind(setup.address).await.map_err(unbound)?;
        let address = listener.local_addr().map_err(unbound)?;

        let desk = Arc::new(Desk::new(page, platform, connections, setup.retry_after));
        let mut couriers = JoinSet::new();
        for (webhook, parcels) in webhooks {
            let courier = Courier {
                desk: desk.clone(),
                client: client.clone(),
                webhook,
            };
            couriers.spawn(courier.run(parcels));
        }
        let mut stopped = desk.subscribe();
        let serve =
            axum::serve(listener, router(desk.clone())).with_graceful_shutdown(async move {
                // The desk going away counts as stopping, too.
                let _ = stopped.wait_for(|stopped| *stopped).await;
            });
        Ok(Self {
            desk,
            address,
            listening: tokio::spawn(serve.into_future()),
            _couriers: couriers,
        })
    }

    /// Takes no more connections and waits a moment for those that are open.
    pub(crate) async fn stop(mut self) {
        self.desk.stop();
        // Whoever has not finished by now is cut off by the drop.
        let _ = timeout(FAREWELL, &mut self.listening).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.desk.stop();
        self.listening.abort();
    }
}

/// Webhooks are delivered by plain HTTP.
fn address_of(app: &AppId, address: &str) -> Result<Url, StartError> {
    Url::parse(address)
        .ok()
        .filter(|url| url.scheme() == "http" && url.has_host())
        .ok_or_else(|| StartError::Webhook {
            app: app.clone(),
            url: address.to_owned(),
        })
}

fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/", get(assets::page).fallback(graph::graph))
        .route("/favicon.ico", get(assets::favicon))
        .route("/desk/assets/{file}", get(assets::asset))
        .route("/desk/events", get(events::events))
        .route("/desk/{act}", post(control::control))
        .fallback(graph::graph)
        .with_state(desk)
}
