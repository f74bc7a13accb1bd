mod builder;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use handover_protocol::{AccountId, AppId, Timestamp};
use tokio::time::{Instant, timeout};

pub use builder::{PAGE_ID, PAGE_NAME, SimulatorBuilder};

use crate::inbox::Inbox;
use crate::person::Person;
use crate::server::{FaultError, FaultRule, Server, SharedState, TimelineItem};
use crate::timed_out::TimedOut;

/// Interval at which [`Simulator::wait_until`] repeats its check.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

/// Running simulator. It stops when dropped.
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
/// println!("act as person and agent at {}", sim.page_url());
///
/// let ana = sim.person("Ana");
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
    pub(crate) server: Server,
    pub(crate) wait_timeout: Duration,
}

impl Simulator {
    /// Returns a builder. Default: one Page, on a free port of 127.0.0.1.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::new()
    }

    /// Returns the base URL of the Graph API, without a trailing slash.
    pub fn graph_url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// Returns the URL of the page.
    pub fn page_url(&self) -> String {
        format!("http://{}/", self.server.address)
    }

    /// Returns the address on which the simulator listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address
    }

    /// Returns the person with this name at the first account, adding it if necessary. "Ana" always
    /// exists.
    pub fn person(&self, name: &str) -> Person {
        let shared = self.shared();
        let account =
            shared.read(|platform, _| platform.accounts().first().map(|one| one.id.clone()));
        // A simulator is started with one account at least.
        self.person_at(&account.unwrap_or(AccountId::from_static("")), name)
    }

    /// Returns the person with this name at this account, adding it if necessary. Each account has
    /// its own persons. `None` if the account does not exist.
    ///
    /// ```
    /// # use handover_sim::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sim = Simulator::builder()
    ///     .page("1744550565845823", "Kaffeehaus")
    ///     .instagram("17841405793187218", "kaffeehaus", "1744550565845823")
    ///     .start()
    ///     .await?;
    /// let on_instagram = sim.person_on("17841405793187218", "Ana").unwrap();
    /// assert_ne!(on_instagram.id(), sim.person("Ana").id());
    /// # Ok(())
    /// # }
    /// ```
    pub fn person_on(&self, account: impl Into<AccountId>, name: &str) -> Option<Person> {
        let account = account.into();
        let known = self
            .shared()
            .read(|platform, _| platform.account(&account).is_some());
        known.then(|| self.person_at(&account, name))
    }

    fn person_at(&self, account: &AccountId, name: &str) -> Person {
        let id = self.shared().person(account, name);
        Person::new(self.shared().clone(), id, name.to_owned())
    }

    /// Returns the Page Inbox, in which human agents answer.
    pub fn inbox(&self) -> Inbox {
        Inbox::new(self.shared().clone())
    }

    /// Returns the owner of the person's thread. `None` if it is idle.
    pub fn owner_of(&self, person: &Person) -> Option<AppId> {
        self.shared()
            .read(|platform, now| platform.thread(person.id())?.owner(now).cloned())
    }

    /// Returns all webhooks and calls, oldest first.
    pub fn timeline(&self) -> Vec<TimelineItem> {
        self.shared().timeline()
    }

    /// Returns the time of the simulator: system time plus [`pass_time`](Self::pass_time).
    pub fn now(&self) -> Timestamp {
        self.shared().read(|_, now| now)
    }

    /// Moves the simulator's clock forward: control and messaging windows expire, and retries
    /// become due. The clock of the bot does not change.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use handover_sim::{SimulatedApp, Simulator};
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sim = Simulator::builder()
    ///     .app(SimulatedApp::new("1517776481860111", "Live chat"))
    ///     .start()
    ///     .await?;
    /// let ana = sim.person("Ana");
    /// ana.says("hello").await?;
    /// sim.pass_time(Duration::from_secs(25 * 60 * 60)).await;
    /// assert_eq!(sim.owner_of(&ana), None);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn pass_time(&self, time: Duration) {
        self.shared().advance(time);
    }

    /// Replaces the fault rules for webhooks and calls. The same seed, rules and events give the
    /// same faults.
    pub async fn set_faults(
        &self,
        seed: u64,
        rules: impl IntoIterator<Item = FaultRule>,
    ) -> Result<(), FaultError> {
        self.shared()
            .replace_faults(seed, rules.into_iter().collect())
    }

    /// Returns whether the app is subscribed to the account. The subscription ends after an hour of
    /// failing webhooks.
    pub fn is_subscribed(&self, app: impl Into<AppId>, account: impl Into<AccountId>) -> bool {
        self.shared().is_subscribed(&app.into(), &account.into())
    }

    /// Subscribes the app to the account again. Returns whether the app is connected to it.
    pub async fn subscribe(&self, app: impl Into<AppId>, account: impl Into<AccountId>) -> bool {
        let shared = self.shared();
        shared
            .subscribe_app(&app.into(), &account.into(), true)
            .is_some()
    }

    /// Waits until the check returns true. After ten seconds (see
    /// [`SimulatorBuilder::wait_timeout`]) it returns an error with the description and the
    /// timeline.
    ///
    /// ```
    /// # use handover_sim::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sim = Simulator::builder().start().await?;
    /// let ana = sim.person("Ana");
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
        let deadline = Instant::now() + self.wait_timeout;
        let mut changes = self.shared().subscribe();
        while !check() {
            if Instant::now() >= deadline {
                return Err(TimedOut::new(what, self.wait_timeout, self.timeline()));
            }
            // Elapsing is fine: the check may read at something else than the simulator.
            let _ = timeout(POLL_INTERVAL, changes.changed()).await;
        }
        Ok(())
    }

    /// Returns the number of rows ever added, and whether a webhook is pending.
    #[doc(hidden)]
    pub fn progress(&self) -> (u64, bool) {
        self.shared().progress()
    }

    /// Stops the simulator and waits until its address is free.
    pub async fn stop(self) {
        self.server.stop().await;
    }

    fn shared(&self) -> &Arc<SharedState> {
        &self.server.shared
    }
}
