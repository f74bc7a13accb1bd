mod builder;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use handover_protocol::{AccountId, AppId, Timestamp};
use tokio::time::{Instant, timeout};

pub use builder::SimulatorBuilder;

use crate::inbox::Inbox;
use crate::person::Person;
use crate::server::{FaultError, FaultRule, Server, SharedState, TimelineItem};
use crate::timed_out::TimedOut;

/// How often [`Simulator::wait_until`] looks at what is not the simulator's own.
const POLL_INTERVAL: Duration = Duration::from_millis(20);

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
    /// A simulator to be: one Page, on a free port of this machine.
    pub fn builder() -> SimulatorBuilder {
        SimulatorBuilder::new()
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

    /// The person of this name at the first account; somebody new if there is none yet. The page
    /// opens with "Ana".
    pub fn person(&self, name: &str) -> Person {
        let shared = self.shared();
        let account =
            shared.read(|platform, _| platform.accounts().first().map(|one| one.id.clone()));
        // A simulator is started with one account at least.
        self.person_at(&account.unwrap_or(AccountId::from_static("")), name)
    }

    /// The person of this name at this account; somebody new if there is none yet. The same human
    /// is another person to another account. `None` if there is no such account.
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

    /// The Page Inbox, where people answer.
    pub fn inbox(&self) -> Inbox {
        Inbox::new(self.shared().clone())
    }

    /// Who controls the person's thread; none if it is idle.
    pub fn owner_of(&self, person: &Person) -> Option<AppId> {
        self.shared()
            .read(|platform, now| platform.thread(person.id())?.owner(now).cloned())
    }

    /// Every webhook and every call so far, oldest first.
    pub fn timeline(&self) -> Vec<TimelineItem> {
        self.shared().timeline()
    }

    /// The simulator's time: that of the machine, and what [`pass_time`](Self::pass_time) added.
    pub fn now(&self) -> Timestamp {
        self.shared().read(|_, now| now)
    }

    /// Moves the simulator's clock on: control and messaging windows run out, and what waits for a
    /// further attempt is tried. The bot's own clock stays as it is.
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

    /// Lets these faults befall webhooks and calls from now on, instead of those before. The same
    /// seed, rules and events give the same faults.
    pub async fn set_faults(
        &self,
        seed: u64,
        rules: impl IntoIterator<Item = FaultRule>,
    ) -> Result<(), FaultError> {
        self.shared()
            .replace_faults(seed, rules.into_iter().collect())
    }

    /// Whether the app is subscribed to the account. It ends by itself when webhooks have failed
    /// for an hour.
    pub fn is_subscribed(&self, app: impl Into<AppId>, account: impl Into<AccountId>) -> bool {
        self.shared().is_subscribed(&app.into(), &account.into())
    }

    /// Subscribes the app to the account again. Answers whether there is such a pair.
    pub async fn subscribe(&self, app: impl Into<AppId>, account: impl Into<AccountId>) -> bool {
        let shared = self.shared();
        shared
            .subscribe_app(&app.into(), &account.into(), true)
            .is_some()
    }

    /// Waits until the check holds. When it has not within ten seconds (see
    /// [`SimulatorBuilder::wait_timeout`]), the error tells what was awaited and prints the timeline.
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

    /// How many rows the timeline ever had, and whether a webhook is under way.
    #[doc(hidden)]
    pub fn progress(&self) -> (u64, bool) {
        self.shared().progress()
    }

    /// Ends the simulator and waits until its address is free again.
    pub async fn stop(self) {
        self.server.stop().await;
    }

    fn shared(&self) -> &Arc<SharedState> {
        &self.server.shared
    }
}
