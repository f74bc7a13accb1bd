//! The platform's face on the network: Graph API, webhooks, the desk's own API, and the page.

mod account_linking;
mod activity;
mod assets;
mod attempt;
mod brackets;
mod call;
mod clock;
mod courier;
mod desk;
mod desk_api;
mod encode;
mod faults;
mod graph;
mod headers;
mod multipart;
mod own_call;
mod parameters;
mod parcel;
mod seat;
mod serve;
mod signature;
mod start_error;
mod summary;
mod texts;
mod timeline;
mod timeline_item;
mod uploads;
mod usage;
mod verification;
mod view;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use handover_protocol::AccountId;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

pub(crate) use desk::Desk;
pub use faults::{Fault, FaultError, FaultOn, FaultRule};
pub use start_error::StartError;
pub use timeline_item::{TimelineItem, TimelineKind, TimelineState};

use crate::platform::{Account, App, Choices, Platform};
use crate::simulated_app::SimulatedApp;
use attempt::WebhookClient;
use courier::Courier;
use faults::Faults;
use seat::{Callback, Seat};
use serve::serve;
use signature::Signer;
use verification::Verification;

/// How long open connections may take to end when the simulator stops.
const FAREWELL: Duration = Duration::from_secs(2);

/// The server and its couriers. Dropping it ends them.
pub(crate) struct Server {
    pub(crate) desk: Arc<Desk>,
    pub(crate) address: SocketAddr,
    listening: JoinHandle<()>,
    /// Aborts the couriers when dropped.
    _couriers: JoinSet<()>,
}

/// What a server is made of.
pub(crate) struct Setup {
    pub(crate) accounts: Vec<Account>,
    pub(crate) apps: Vec<SimulatedApp>,
    pub(crate) choices: Choices,
    pub(crate) faults: Vec<FaultRule>,
    pub(crate) address: SocketAddr,
    pub(crate) retry_after: Vec<Duration>,
    pub(crate) seed: u64,
}

impl Server {
    pub(crate) async fn start(setup: Setup) -> Result<Self, StartError> {
        let mut platform = Platform::new(setup.seed);
        platform.choose(setup.choices);
        let accounts: Vec<_> = setup
            .accounts
            .iter()
            .map(|account| account.id.clone())
            .collect();
        for account in setup.accounts {
            platform.open(account);
        }
        let mut seats = Vec::new();
        let mut callbacks = HashMap::new();
        for app in &setup.apps {
            if let Some(callback) = callback(app)? {
                callbacks.insert(app.id.clone(), callback);
            }
            connect(&mut platform, app, &accounts);
            seats.push(seat(app, &accounts)?);
        }
        let faults = Faults::new(setup.seed, setup.faults).map_err(StartError::Fault)?;

        let unbound = |source| StartError::Address {
            address: setup.address,
            source,
        };
        let listener = TcpListener::bind(setup.address).await.map_err(unbound)?;
        let address = listener.local_addr().map_err(unbound)?;

        let (desk, lines) = Desk::new(
            platform,
            seats,
            callbacks,
            faults,
            WebhookClient::new(),
            setup.retry_after,
        );
        let desk = Arc::new(desk);
        desk.open();
        let mut couriers = JoinSet::new();
        for app in &setup.apps {
            if let Some(verification) = Verification::at_start(&desk, &app.id) {
                couriers.spawn(verification.until_it_succeeds());
            }
        }
        for line in lines {
            couriers.spawn(Courier::new(desk.clone(), line).run());
        }
        let mut stopped = desk.subscribe();
        let stopped = async move {
            // The desk going away counts as stopping, too.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        let listening = tokio::spawn(serve(listener, router(desk.clone()), stopped));
        Ok(Self {
            desk,
            address,
            listening,
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

fn callback(app: &SimulatedApp) -> Result<Option<Callback>, StartError> {
    let Some(address) = &app.webhook else {
        return Ok(None);
    };
    let url = Callback::address(address).ok_or_else(|| StartError::Webhook {
        app: app.id.clone(),
        url: address.clone(),
    })?;
    Ok(Some(Callback {
        url,
        verified: app.verify_token.as_ref().map(|_| false),
        verify_token: app.verify_token.clone(),
    }))
}

fn seat(app: &SimulatedApp, accounts: &[AccountId]) -> Result<Seat, StartError> {
    let signer = Signer::new(&app.secret).map_err(|_| StartError::Secret {
        app: app.id.clone(),
    })?;
    let connected = accounts.iter().filter(|account| app.is_on(account));
    Ok(Seat {
        app: app.id.clone(),
        signer,
        app_token: format!("{}|{}", app.id, app.secret),
        user_token: format!("user-{}", app.id),
        tokens: connected
            .map(|account| (account.clone(), app.token_of(account, accounts.first())))
            .collect(),
        verified: watch::Sender::new(app.webhook.is_none() || app.verify_token.is_none()),
    })
}

fn connect(platform: &mut Platform, app: &SimulatedApp, accounts: &[AccountId]) {
    platform.connect(App {
        human_agent: app.human_agent,
        webhook: app.webhook.is_some(),
        ..App::new(app.id.clone(), app.name.clone())
    });
    for account in accounts {
        if !app.is_on(account) {
            platform.disconnect(account, &app.id);
        } else if let Some(connection) = platform.connection_mut(account, &app.id) {
            connection.can_take = app.can_take;
            connection.standby = app.standby;
        }
    }
}

fn router(desk: Arc<Desk>) -> Router {
    Router::new()
        .route("/", get(assets::page).fallback(graph::endpoint))
        .route("/favicon.ico", get(assets::favicon))
        .route("/desk/assets/{*file}", get(assets::asset))
        .route("/desk/uploads/{id}", get(uploads::upload))
        .route(
            "/messenger_platform/account_linking",
            get(account_linking::come_back),
        )
        .merge(desk_api::router())
        .fallback(graph::endpoint)
        .with_state(desk)
}
