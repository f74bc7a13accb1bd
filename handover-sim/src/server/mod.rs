//! HTTP server: Graph API, webhooks, control API and page.

mod access;
mod account_linking;
mod activity;
mod assets;
mod attempt;
mod brackets;
mod call;
mod clock;
mod control_api;
mod credentials;
mod data_deletion;
mod delivery_queue;
mod encode;
mod faults;
#[cfg(any(test, fuzzing))]
pub(crate) mod fuzz;
mod graph;
mod headers;
mod internal_call;
mod interner;
mod multipart;
mod parameters;
mod serve;
mod shared_state;
mod signature;
mod start_error;
mod summary;
mod timeline;
mod timeline_item;
mod uploads;
mod usage;
mod verification;
mod view;
mod webhook_sender;

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::handler::Handler;
use axum::routing::get;
use axum::{Router, middleware};
use handover_protocol::AccountId;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::timeout;

pub use data_deletion::DeletionReceipt;
pub use faults::{Fault, FaultError, FaultOn, FaultRule};
pub(crate) use shared_state::SharedState;
pub use start_error::StartError;
pub use timeline_item::{TimelineItem, TimelineKind, TimelineState};

use crate::platform::{Account, App, Behavior, Platform};
use crate::simulated_app::SimulatedApp;
use attempt::WebhookClient;
use credentials::{AppCredentials, Callback};
use delivery_queue::DeliveryQueue;
use faults::Faults;
use serve::serve;
use signature::Signer;
use verification::Verification;
use webhook_sender::WebhookSender;

/// Maximum wait for open connections when the simulator stops.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_secs(2);

/// Server and webhook senders, which stop when it is dropped.
pub(crate) struct Server {
    pub(crate) shared: Arc<SharedState>,
    pub(crate) address: SocketAddr,
    listening: JoinHandle<()>,
    /// Aborts the senders when dropped.
    _senders: JoinSet<()>,
}

/// Configuration of a server.
pub(crate) struct ServerConfig {
    pub(crate) accounts: Vec<Account>,
    pub(crate) apps: Vec<SimulatedApp>,
    pub(crate) behavior: Behavior,
    pub(crate) faults: Vec<FaultRule>,
    pub(crate) address: SocketAddr,
    pub(crate) retry_after: Vec<Duration>,
    pub(crate) seed: u64,
    pub(crate) allowed_hosts: Vec<String>,
}

impl ServerConfig {
    /// The state of a server, and the queues for its webhook senders.
    fn prepare(self) -> Result<(Arc<SharedState>, Vec<DeliveryQueue>), StartError> {
        let setup = self;
        let mut platform = Platform::new(setup.seed);
        platform.set_behavior(setup.behavior);
        let accounts: Vec<_> = setup
            .accounts
            .iter()
            .map(|account| account.id.clone())
            .collect();
        for account in setup.accounts {
            platform.add_account(account);
        }
        let mut apps = Vec::new();
        let mut callbacks = HashMap::new();
        for app in &setup.apps {
            if let Some(callback) = callback(app)? {
                callbacks.insert(app.id.clone(), callback);
            }
            connect(&mut platform, app, &accounts);
            apps.push(credentials(app, &accounts)?);
        }
        let faults = Faults::new(setup.seed, setup.faults).map_err(StartError::Fault)?;
        let (shared, queues) = SharedState::new(
            platform,
            apps,
            callbacks,
            faults,
            WebhookClient::new(),
            setup.retry_after,
        );
        let shared = Arc::new(shared);
        shared.open();
        Ok((shared, queues))
    }
}

impl Server {
    pub(crate) async fn start(mut setup: ServerConfig) -> Result<Self, StartError> {
        let address = setup.address;
        let allowed = std::mem::take(&mut setup.allowed_hosts).into();
        let apps: Vec<_> = setup.apps.iter().map(|app| app.id.clone()).collect();
        let (shared, queues) = setup.prepare()?;
        let unbound = |source| StartError::Address { address, source };
        let listener = TcpListener::bind(address).await.map_err(unbound)?;
        let address = listener.local_addr().map_err(unbound)?;
        let mut senders = JoinSet::new();
        for app in &apps {
            if let Some(verification) = Verification::at_start(&shared, app) {
                senders.spawn(verification.until_it_succeeds());
            }
        }
        for queue in queues {
            senders.spawn(WebhookSender::new(shared.clone(), queue).run());
        }
        let mut stopped = shared.subscribe();
        let stopped = async move {
            // A dropped state also means stop.
            let _ = stopped.wait_for(|stopped| *stopped).await;
        };
        let listening = tokio::spawn(serve(listener, router(shared.clone(), &allowed), stopped));
        Ok(Self {
            shared,
            address,
            listening,
            _senders: senders,
        })
    }

    /// Stops accepting connections and waits a moment for open ones.
    pub(crate) async fn stop(mut self) {
        self.shared.stop();
        // Dropping the server closes the remaining connections.
        let _ = timeout(SHUTDOWN_TIMEOUT, &mut self.listening).await;
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stop();
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

fn credentials(app: &SimulatedApp, accounts: &[AccountId]) -> Result<AppCredentials, StartError> {
    let signer = Signer::new(&app.secret).map_err(|_| StartError::Secret {
        app: app.id.clone(),
    })?;
    let connected = accounts.iter().filter(|account| app.is_on(account));
    Ok(AppCredentials {
        app: app.id.clone(),
        signer,
        app_token: format!("{}|{}", app.id, app.secret),
        user_token: format!("user-{}", app.id),
        tokens: connected
            .map(|account| (account.clone(), app.token_of(account, accounts.first())))
            .collect(),
        verified: watch::Sender::new(app.webhook.is_none() || app.verify_token.is_none()),
        data_deletion: app.data_deletion.as_deref().and_then(Callback::address),
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

fn router(shared: Arc<SharedState>, allowed: &access::AllowedHosts) -> Router {
    let guard = || middleware::from_fn_with_state(allowed.clone(), access::guard);
    let guard_graph = middleware::from_fn_with_state(allowed.clone(), access::guard_graph);
    let graph = graph::endpoint.layer(guard_graph);
    Router::new()
        .route(
            "/",
            get(assets::page).layer(guard()).fallback(graph.clone()),
        )
        .route("/favicon.ico", get(assets::favicon))
        .route("/control/assets/{*file}", get(assets::asset))
        .route("/control/uploads/{id}", get(uploads::upload).layer(guard()))
        .route(
            "/messenger_platform/account_linking",
            get(account_linking::come_back),
        )
        .merge(control_api::router().layer(guard()))
        .fallback(graph)
        .with_state(shared)
}
