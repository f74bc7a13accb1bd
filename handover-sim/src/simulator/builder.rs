use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, SystemTime};

use handover_protocol::{AccountId, AppId};

use super::Simulator;
use crate::platform::{Account, Behavior, RateLimits, Routing};
use crate::server::StartError;
use crate::server::{FaultRule, Server, ServerConfig};
use crate::simulated_app::SimulatedApp;

/// Id of the Page of a simulator on a developer's machine.
pub const PAGE_ID: &str = "1744550565845823";
/// Name of the Page of a simulator on a developer's machine.
pub const PAGE_NAME: &str = "Kaffeehaus";

/// Builder of a [`Simulator`].
///
/// ```
/// use handover_sim::platform::Routing;
/// use handover_sim::{SimulatedApp, Simulator};
///
/// let builder = Simulator::builder()
///     .page("1744550565845823", "Kaffeehaus")
///     .instagram("17841405793187218", "kaffeehaus", "1744550565845823")
///     .app(SimulatedApp::new("1517776481860111", "Live chat"))
///     .app(SimulatedApp::new("2262510160704936", "Shop"))
///     .routing("17841405793187218", Routing::to("2262510160704936"));
/// ```
#[derive(Debug, Clone)]
pub struct SimulatorBuilder {
    accounts: Vec<Account>,
    /// Routing by account. Other accounts use `default_app`.
    routing: BTreeMap<AccountId, Routing>,
    get_started: Option<String>,
    instant_reply: Option<String>,
    away_message: Option<String>,
    apps: Vec<SimulatedApp>,
    default_app: DefaultApp,
    behavior: Behavior,
    faults: Vec<FaultRule>,
    seed: Option<u64>,
    address: SocketAddr,
    retry_after: Vec<Duration>,
    wait_timeout: Duration,
    allowed_hosts: Vec<String>,
}

#[derive(Debug, Clone)]
enum DefaultApp {
    First,
    Named(AppId),
    None,
}

impl SimulatorBuilder {
    pub(crate) fn new() -> Self {
        Self {
            accounts: Vec::new(),
            routing: BTreeMap::new(),
            get_started: None,
            instant_reply: None,
            away_message: None,
            apps: Vec::new(),
            default_app: DefaultApp::First,
            behavior: Behavior::default(),
            faults: Vec::new(),
            seed: None,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            retry_after: [250, 500, 1000, 2000, 4000]
                .map(Duration::from_millis)
                .into(),
            wait_timeout: Duration::from_secs(10),
            allowed_hosts: Vec::new(),
        }
    }

    /// Lets the simulator, its Graph API included, be used under this name with a domain, such as that of a
    /// tunnel. Default: only under IP addresses, `localhost`, and names without a domain, such as a
    /// container's, because a website can point its own name at this machine.
    #[must_use]
    pub fn allow_host(mut self, name: impl Into<String>) -> Self {
        self.allowed_hosts.push(name.into());
        self
    }

    /// Adds a Page. Default, if there is no account: "Kaffeehaus" with the id 1744550565845823.
    #[must_use]
    pub fn page(mut self, id: impl Into<AccountId>, name: impl Into<String>) -> Self {
        self.accounts.push(Account::page(id, name));
        self
    }

    /// Adds an Instagram professional account, linked to a Page.
    #[must_use]
    pub fn instagram(
        mut self,
        id: impl Into<AccountId>,
        name: impl Into<String>,
        page: impl Into<AccountId>,
    ) -> Self {
        self.accounts.push(Account::instagram(id, name, page));
        self
    }

    /// Adds an account with its routing and ads.
    #[must_use]
    pub fn account(self, account: Account) -> Self {
        let (id, routing) = (account.id.clone(), account.routing.clone());
        let mut with = self.routing(id, routing);
        with.accounts.push(account);
        with
    }

    /// Sets the routing of an account.
    #[must_use]
    pub fn routing(mut self, account: impl Into<AccountId>, routing: Routing) -> Self {
        self.routing.insert(account.into(), routing);
        self
    }

    /// Connects an app. The first app is the default app unless you set another.
    #[must_use]
    pub fn app(mut self, app: SimulatedApp) -> Self {
        self.apps.push(app);
        self
    }

    /// Sets the default app: a connected app or the inbox. On an Instagram account, the Page Inbox
    /// means the Instagram Inbox.
    #[must_use]
    pub fn default_app(mut self, app: impl Into<AppId>) -> Self {
        self.default_app = DefaultApp::Named(app.into());
        self
    }

    /// Turns off conversation routing: there is no default app.
    #[must_use]
    pub fn zero_config(mut self) -> Self {
        self.default_app = DefaultApp::None;
        self
    }

    /// Sets the payload of the "Get Started" button. Default: `GET_STARTED`.
    #[must_use]
    pub fn get_started(mut self, payload: impl Into<String>) -> Self {
        self.get_started = Some(payload.into());
        self
    }

    /// Sets the automatic answer of the inbox to the first message of a conversation. Default:
    /// none.
    #[must_use]
    pub fn instant_reply(mut self, text: impl Into<String>) -> Self {
        self.instant_reply = Some(text.into());
        self
    }

    /// Sets the automatic answer of the inbox while no agent is available. It is sent at most once
    /// a day to each person. Default: none.
    #[must_use]
    pub fn away_message(mut self, text: impl Into<String>) -> Self {
        self.away_message = Some(text.into());
        self
    }

    /// Sets the behavior where Meta's documentation is silent or differs from what bots see.
    #[must_use]
    pub fn behavior(mut self, behavior: Behavior) -> Self {
        self.behavior = behavior;
        self
    }

    /// Sets rate limits. Default: none.
    #[must_use]
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.behavior.rate_limits = limits;
        self
    }

    /// Sets fault rules. Default: none.
    #[must_use]
    pub fn faults(mut self, rules: impl IntoIterator<Item = FaultRule>) -> Self {
        self.faults = rules.into_iter().collect();
        self
    }

    /// Sets the seed, which determines ids and faults. Default: another one for each run. A bot
    /// that keeps its database ignores message ids that it knows.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// Sets the address to listen on. Default: a free port of 127.0.0.1.
    #[must_use]
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// Sets the delays before each retry of a webhook that was not answered 200. After the last
    /// one, the webhook is dropped and the next one is sent.
    #[must_use]
    pub fn retry_after(mut self, delays: impl IntoIterator<Item = Duration>) -> Self {
        self.retry_after = delays.into_iter().collect();
        self
    }

    /// Retries webhooks like the platform: a few times at once, then for up to an hour, after which
    /// the app is unsubscribed from the account. Meta does not publish the intervals.
    #[must_use]
    pub fn retry_like_the_platform(self) -> Self {
        let minutes = [0, 0, 0, 1, 2, 4, 8, 15, 30];
        self.retry_after(minutes.map(|minutes| Duration::from_secs(minutes * 60)))
    }

    /// Sets the timeout of [`Simulator::wait_until`]. Default: 10 s.
    #[must_use]
    pub fn wait_timeout(mut self, wait_timeout: Duration) -> Self {
        self.wait_timeout = wait_timeout;
        self
    }

    /// Starts the simulator and the verification of webhooks.
    pub async fn start(mut self) -> Result<Simulator, StartError> {
        if self.accounts.is_empty() {
            self = self.page(PAGE_ID, PAGE_NAME);
        }
        self.check_accounts()?;
        self.check_apps()?;
        for account in 0..self.accounts.len() {
            let routing = self.routing_of(&self.accounts[account])?;
            let account = &mut self.accounts[account];
            account.routing = routing;
            if self.get_started.is_some() {
                account.get_started.clone_from(&self.get_started);
            }
            if self.instant_reply.is_some() {
                account.instant_reply.clone_from(&self.instant_reply);
            }
            if self.away_message.is_some() {
                account.away_message.clone_from(&self.away_message);
            }
        }
        let server = Server::start(ServerConfig {
            accounts: self.accounts,
            apps: self.apps,
            behavior: self.behavior,
            faults: self.faults,
            address: self.address,
            retry_after: self.retry_after,
            seed: self.seed.unwrap_or_else(seed),
            allowed_hosts: self.allowed_hosts,
        })
        .await?;
        Ok(Simulator {
            server,
            wait_timeout: self.wait_timeout,
        })
    }

    fn routing_of(&self, account: &Account) -> Result<Routing, StartError> {
        let mut connected = self.apps.iter().filter(|app| app.is_on(&account.id));
        let default = match (self.routing.get(&account.id), &self.default_app) {
            (Some(routing), _) => {
                let stranger = routing.named().find(|app| !self.knows(account, app));
                return match stranger {
                    Some(app) => Err(StartError::NoSuchDefault { app: app.clone() }),
                    None => Ok(routing.clone()),
                };
            }
            (None, DefaultApp::None) => None,
            (None, DefaultApp::First) => connected.next().map(|app| app.id.clone()),
            (None, DefaultApp::Named(app)) if *app == AppId::PAGE_INBOX => {
                Some(account.product.inbox())
            }
            (None, DefaultApp::Named(app)) if self.knows(account, app) => Some(app.clone()),
            (None, DefaultApp::Named(app)) => {
                return Err(StartError::NoSuchDefault { app: app.clone() });
            }
        };
        Ok(default.map_or(Routing::ZeroConfig, Routing::to))
    }

    /// Whether the app is connected to the account, or is its inbox.
    fn knows(&self, account: &Account, app: &AppId) -> bool {
        let mut connected = self.apps.iter().filter(|app| app.is_on(&account.id));
        *app == account.product.inbox() || connected.any(|known| known.id == *app)
    }

    fn check_accounts(&self) -> Result<(), StartError> {
        let mut ids = BTreeSet::new();
        for account in &self.accounts {
            if !ids.insert(&account.id) {
                let account = account.id.clone();
                return Err(StartError::SameAccount { account });
            }
        }
        let apps = self.apps.iter();
        let named = apps.flat_map(|app| app.accounts.iter().flatten().chain(app.tokens.keys()));
        match named
            .chain(self.routing.keys())
            .find(|id| !ids.contains(id))
        {
            Some(account) => Err(StartError::NoSuchAccount {
                account: account.clone(),
            }),
            None => Ok(()),
        }
    }

    fn check_apps(&self) -> Result<(), StartError> {
        let mut ids = BTreeSet::from([AppId::PAGE_INBOX, AppId::INSTAGRAM_INBOX, AppId::LEADGEN]);
        let mut tokens = BTreeMap::new();
        let first = self.accounts.first().map(|account| &account.id);
        for app in &self.apps {
            if !ids.insert(app.id.clone()) {
                return Err(StartError::SameId {
                    app: app.id.clone(),
                });
            }
            for account in self
                .accounts
                .iter()
                .filter(|account| app.is_on(&account.id))
            {
                let token = app.token_of(&account.id, first);
                if let Some(one) = tokens.insert(token, &app.id) {
                    return Err(StartError::SameToken {
                        one: one.clone(),
                        other: app.id.clone(),
                    });
                }
            }
        }
        Ok(())
    }
}

/// Each run has other ids, because bots may know those of earlier runs.
fn seed() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0))
}
