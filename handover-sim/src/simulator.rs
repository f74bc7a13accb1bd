use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use handover_protocol::{AccountId, AppId};
use tokio::time::{Instant, timeout};

use crate::inbox::Inbox;
use crate::person::Person;
use crate::platform::{Account, Routing};
use crate::server::{Desk, Server, Setup, TimelineItem};
use crate::simulated_app::SimulatedApp;
use crate::start_error::StartError;
use crate::timed_out::TimedOut;

/// How often [`Simulator::wait_until`] looks at what is not the simulator's own.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A running simulator. It ends when dropped.
///
/// ```
/// # use handover_sim::{Simulator, SimulatedApp};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sim = Simulator::builder()
///     .page("1744550565845823", "Kaffeehaus")
///     .app(SimulatedApp::new("1517776481860111", "Live chat").token("page access token"))
///     .start()
///     .await?;
/// println!("play person and agent at {}", sim.page_url());
///
/// let ana = sim.person("Ana").await;
/// ana.says("hello").await?;
/// assert_eq!(sim.owner_of(&ana), Some("1517776481860111".into()));
///
/// sim.inbox().reply(&ana, "Hello Ana, this is Ben.").await?;
/// assert_eq!(ana.messages()[1].text.as_deref(), Some("Hello Ana, this is Ben."));
/// sim.stop().await;
/// # Ok(())
/// # }
/// ```
pub struct Simulator {
    server: Server,
    patience: Duration,
}

impl Simulator {
    /// A simulator to be: one Page, on a free port of this machine.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder {
            page: Account::page("1744550565845823", "Kaffeehaus"),
            apps: Vec::new(),
            default_app: DefaultApp::First,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            retry_after: [250, 500, 1000, 2000, 4000]
                .map(Duration::from_millis)
                .into(),
            patience: Duration::from_secs(10),
        }
    }

    /// The base address of the Graph API, without a slash at the end.
    pub fn graph_url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The address of the page.
    pub fn page_url(&self) -> String {
        format!("http://{}/", self.server.address)
    }

    /// The address the simulator listens on.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// The person of this name; somebody new if there is none yet. The page opens with "Ana".
    pub async fn person(&self, name: &str) -> Person {
        let id = self.desk().person(name);
        Person::new(self.desk().clone(), id, name.to_owned())
    }

    /// The Page Inbox, where people answer.
    pub fn inbox(&self) -> Inbox {
        Inbox::new(self.desk().clone())
    }

    /// Who controls the person's thread; none if it is idle.
    pub fn owner_of(&self, person: &Person) -> Option<AppId> {
        self.desk()
            .look(|platform, now| platform.thread(person.id())?.owner(now).cloned())
    }

    /// Every webhook and every call so far, oldest first.
    pub fn timeline(&self) -> Vec<TimelineItem> {
        self.desk().timeline()
    }

    /// Waits until the check holds. When it has not within ten seconds (see
    /// [`SimulatorBuilder::patience`]), the error tells what was awaited and prints the timeline.
    ///
    /// ```
    /// # use handover_sim::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sim = Simulator::builder().start().await?;
    /// let ana = sim.person("Ana").await;
    /// ana.says("anybody there?").await?;
    /// sim.wait_until("Ana sees her own words", || ana.messages().len() == 1).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_until(
        &self,
        what: &str,
        mut check: impl FnMut() -> bool,
    ) -> Result<(), TimedOut> {
        let deadline = Instant::now() + self.patience;
        let mut changes = self.desk().subscribe();
        while !check() {
            if Instant::now() >= deadline {
                return Err(TimedOut::new(what, self.patience, self.timeline()));
            }
            // Elapsing is fine: the check may look at something else than the simulator.
            let _ = timeout(LOOK_AGAIN, changes.changed()).await;
        }
        Ok(())
    }

    /// Ends the simulator and waits until its address is free again.
    pub async fn stop(self) {
        self.server.stop().await;
    }

    fn desk(&self) -> &Arc<Desk> {
        &self.server.desk
    }
}

/// Sets up a [`Simulator`].
#[derive(Debug, Clone)]
pub struct SimulatorBuilder {
    page: Account,
    apps: Vec<SimulatedApp>,
    default_app: DefaultApp,
    address: SocketAddr,
    retry_after: Vec<Duration>,
    patience: Duration,
}

#[derive(Debug, Clone)]
enum DefaultApp {
    First,
    Named(AppId),
    None,
}

impl SimulatorBuilder {
    /// The Page's id and name.
    #[must_use]
    pub fn page(mut self, id: impl Into<AccountId>, name: impl Into<String>) -> Self {
        self.page.id = id.into();
        self.page.name = name.into();
        self
    }

    /// Connects an app. The first one is the default app unless another is named.
    #[must_use]
    pub fn app(mut self, app: SimulatedApp) -> Self {
        self.apps.push(app);
        self
    }

    /// Makes this app the default one: a connected app, or the Page Inbox.
    #[must_use]
    pub fn default_app(mut self, app: impl Into<AppId>) -> Self {
        self.default_app = DefaultApp::Named(app.into());
        self
    }

    /// Switches conversation routing off: there is no default app.
    #[must_use]
    pub fn zero_config(mut self) -> Self {
        self.default_app = DefaultApp::None;
        self
    }

    /// The payload behind "Get Started", `GET_STARTED` if not set.
    #[must_use]
    pub fn get_started(mut self, payload: impl Into<String>) -> Self {
        self.page.get_started = Some(payload.into());
        self
    }

    /// Where to listen. Port 0, the default, takes a free one.
    #[must_use]
    pub fn address(mut self, address: SocketAddr) -> Self {
        self.address = address;
        self
    }

    /// How long to wait before each further attempt of a webhook that was not answered 200. When
    /// the delays are used up it is given up, and the next one's turn comes.
    #[must_use]
    pub fn retry_after(mut self, delays: impl IntoIterator<Item = Duration>) -> Self {
        self.retry_after = delays.into_iter().collect();
        self
    }

    /// How long [`Simulator::wait_until`] waits.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Starts listening, and verifying the webhooks that want it.
    pub async fn start(mut self) -> Result<Simulator, StartError> {
        self.check_apps()?;
        let default_app = match self.default_app {
            DefaultApp::First => self.apps.first().map(|app| app.id.clone()),
            DefaultApp::None => None,
            DefaultApp::Named(app) => {
                let connected = self.apps.iter().any(|known| known.id == app);
                if !connected && app != AppId::PAGE_INBOX {
                    return Err(StartError::NoSuchDefault { app });
                }
                Some(app)
            }
        };
        self.page.routing = default_app.map_or(Routing::ZeroConfig, Routing::to);
        let server = Server::start(Setup {
            page: self.page,
            apps: self.apps,
            address: self.address,
            retry_after: self.retry_after,
            seed: seed(),
        })
        .await?;
        Ok(Simulator {
            server,
            patience: self.patience,
        })
    }

    fn check_apps(&self) -> Result<(), StartError> {
        let mut ids = BTreeSet::from([AppId::PAGE_INBOX]);
        let mut tokens = BTreeMap::new();
        for app in &self.apps {
            if !ids.insert(app.id.clone()) {
                return Err(StartError::SameId {
                    app: app.id.clone(),
                });
            }
            if let Some(one) = tokens.insert(&app.token, &app.id) {
                return Err(StartError::SameToken {
                    one: one.clone(),
                    other: app.id.clone(),
                });
            }
        }
        Ok(())
    }
}

/// Every run has ids of its own, for a bot may remember those of the last.
fn seed() -> u64 {
    SystemTime::now()
        .duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| u64::try_from(since.as_nanos()).unwrap_or(0))
}
