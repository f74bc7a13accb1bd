//! The rules of the Messenger Platform, as a state machine.
//!
//! There is no I/O in here and no clock: who acts says when, and gets back the webhooks the act
//! causes. The same acts at the same times give the same ids and the same webhooks, which makes the
//! rules easy to test and a scenario easy to repeat. Where Meta's documentation is silent the
//! choice is noted where it is made.
//!
//! ```
//! use handover_protocol::{AppId, Channel, Timestamp};
//! use handover_sim::platform::{Account, App, Platform};
//!
//! let mut platform = Platform::new(7);
//! platform.connect(App::new("1517776481860111", "Live chat"));
//! platform.add_account(Account::page("1744550565845823", "Kaffeehaus").default_app("1517776481860111"));
//! let ana = platform.add_person(&"1744550565845823".into(), "Ana");
//!
//! let noon = Timestamp::from_secs(1_790_000_000);
//! let said = platform.say(&ana, "hello", noon)?;
//! assert_eq!(said.deliveries.len(), 1);
//! assert_eq!(said.deliveries[0].channel, Channel::Messaging);
//! assert_eq!(platform.thread(&ana).unwrap().owner(noon), Some(&AppId::from("1517776481860111")));
//! # Ok::<(), handover_sim::platform::ActionError>(())
//! ```

mod account;
mod action_error;
mod ad;
mod app;
mod arrival;
mod audience;
mod behavior;
mod business;
mod connection;
mod contact;
mod control;
mod delivery;
mod echo;
mod expiry;
mod field;
mod graph;
mod handover_event;
mod ids;
mod inbox;
mod legacy;
mod parameter;
mod person;
mod product;
mod rate_limits;
mod refusal;
mod routing;
mod secondary;
mod send;
mod settings;
mod thread;
mod thread_tx;
mod threads;

use handover_protocol::{AccountId, AppId, PersonId, Recipient, Timestamp};

pub use account::Account;
pub use action_error::ActionError;
pub use ad::Ad;
pub use app::App;
pub use behavior::{
    AppIds, AppsecretProof, Batching, Behavior, Claimed, Deletions, Delivered, EchoAfterPass,
    EchoAppId, EchoedTemplate, ExtendTooLong, IdleMessage, InboxDone, NewMessageEdit, NoMetadata,
    PassFromIdle, SendChecks, TakeFromIdle, TakeNotifies,
};
pub use connection::Connection;
pub use delivery::{Delivery, Post, Step};
pub use field::Field;
pub(crate) use graph::{Fields, Listing};
pub use graph::{Parameters, Upload};
pub use inbox::Folder;
pub(crate) use parameter::Parameter;
pub use person::PersonChange;
pub use product::Product;
pub use rate_limits::RateLimits;
pub(crate) use rate_limits::Usage;
pub use refusal::Refusal;
pub use routing::{EntryPoint, Routing};
pub use thread::{
    Author, Button, ChatEntry, ChatMessage, Control, Handover, HandoverKind, Origin, Thread,
};

use graph::Records;
use ids::Ids;
use rate_limits::CallCounters;
use thread_tx::ThreadTx;
use threads::Threads;

/// What a Graph API call answers: a value with the webhooks it causes, or an error body.
pub type GraphResult<T> = Result<Step<T>, Refusal>;

/// Who calls the Graph API, about which account, and when.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The app whose token came with the call.
    pub app: &'a AppId,
    /// The Page in the path; an Instagram account is called by the Page it is linked to.
    pub account: &'a AccountId,
    /// The time of the call.
    pub now: Timestamp,
}

/// Apps, accounts and the threads between the accounts and their persons.
#[derive(Debug, Clone)]
pub struct Platform {
    behavior: Behavior,
    apps: Vec<App>,
    accounts: Vec<Account>,
    threads: Threads,
    ids: Ids,
    records: Records,
    counters: CallCounters,
}

impl Platform {
    /// A platform with nothing but Meta's own apps. Ids follow from the seed: take another one per
    /// run if the bot has a memory, for it would take a known message id for a repetition.
    pub fn new(seed: u64) -> Self {
        Self {
            behavior: Behavior::default(),
            apps: App::meta_apps().into(),
            accounts: Vec::new(),
            threads: Threads::default(),
            ids: Ids::new(seed),
            records: Records::default(),
            counters: CallCounters::default(),
        }
    }

    /// What is done where the documentation is silent.
    pub fn behavior(&self) -> Behavior {
        self.behavior
    }

    /// Chooses otherwise, from now on.
    pub fn set_behavior(&mut self, behavior: Behavior) {
        self.behavior = behavior;
    }

    /// Adds an app and connects it to every account, with every switch on. One with the same id is
    /// replaced, and its connections stay as they are.
    pub fn connect(&mut self, app: App) {
        for account in &mut self.accounts {
            if app.is_for(account.product) && account.connection(&app.id).is_none() {
                account.connect(Connection::new(app.id.clone()));
            }
        }
        match self.apps.iter_mut().find(|known| known.id == app.id) {
            Some(known) => *known = app,
            None => self.apps.push(app),
        }
    }

    /// Opens an account, and connects every app to it. One with the same id is replaced.
    pub fn add_account(&mut self, mut account: Account) {
        for app in &self.apps {
            if app.is_for(account.product) && account.connection(&app.id).is_none() {
                account.connect(Connection::new(app.id.clone()));
            }
        }
        match self
            .accounts
            .iter_mut()
            .find(|known| known.id == account.id)
        {
            Some(known) => *known = account,
            None => self.accounts.push(account),
        }
    }

    /// Takes an app off an account: there it gets nothing and may do nothing.
    pub fn disconnect(&mut self, account: &AccountId, app: &AppId) {
        if let Some(account) = self.account_mut(account) {
            account.connections.retain(|known| known.app != *app);
        }
    }

    /// Puts an app back on an account, with every switch on, unless it is there or is not for it.
    pub fn reconnect(&mut self, account: &AccountId, app: &AppId) {
        let app = self.apps.iter().find(|known| known.id == *app);
        let account = self.accounts.iter_mut().find(|known| known.id == *account);
        if let (Some(app), Some(account)) = (app, account)
            && app.is_for(account.product)
            && account.connection(&app.id).is_none()
        {
            account.connect(Connection::new(app.id.clone()));
        }
    }

    /// A person comes by this account for the first time. The answer is their id there, which
    /// stands for this one thread.
    pub fn add_person(&mut self, account: &AccountId, name: &str) -> PersonId {
        let person = self.ids.person();
        let product = self.account(account).map(|account| account.product);
        self.threads.push(Thread::new(
            account.clone(),
            product.unwrap_or_default(),
            person.clone(),
            name.to_owned(),
        ));
        person
    }

    /// Forgets every person and thread; apps and accounts stay.
    pub fn remove_persons(&mut self) {
        self.threads.clear();
        self.records.remove_persons();
    }

    /// The apps, Meta's own first.
    pub fn apps(&self) -> &[App] {
        &self.apps
    }

    /// The app with this id.
    pub fn app(&self, id: &AppId) -> Option<&App> {
        self.apps.iter().find(|app| app.id == *id)
    }

    /// The app with this id, to change its subscriptions.
    pub fn app_mut(&mut self, id: &AppId) -> Option<&mut App> {
        self.apps.iter_mut().find(|app| app.id == *id)
    }

    /// The accounts.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// The account with this id.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == *id)
    }

    /// The account with this id, to change its settings.
    pub fn account_mut(&mut self, id: &AccountId) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.id == *id)
    }

    /// What an account's settings say about an app, to change it.
    pub fn connection_mut(&mut self, account: &AccountId, app: &AppId) -> Option<&mut Connection> {
        let connections = &mut self.account_mut(account)?.connections;
        connections
            .iter_mut()
            .find(|connection| connection.app == *app)
    }

    /// The threads, in the order the persons came.
    pub fn threads(&self) -> &[Thread] {
        self.threads.all()
    }

    /// The thread of a person.
    pub fn thread(&self, person: &PersonId) -> Option<&Thread> {
        self.threads.of(person)
    }

    fn begin_for_recipient(
        &mut self,
        call: &Call<'_>,
        recipient: &Recipient,
    ) -> Result<ThreadTx<'_>, Refusal> {
        match &recipient.id {
            Some(person) => self.begin_for_call(call, person),
            None => Err(Refusal::parameter(
                "The parameter recipient[id] is required",
            )),
        }
    }

    fn begin_for_call(
        &mut self,
        call: &Call<'_>,
        person: &PersonId,
    ) -> Result<ThreadTx<'_>, Refusal> {
        let called = self.account_of_call(call)?.product;
        let tx = self
            .begin(person, call.now)
            .filter(|tx| tx.account.graph_id() == call.account || tx.account.id == *call.account)
            .ok_or_else(|| Refusal::no_matching_user(called))?;
        match tx.account.connection(call.app) {
            Some(_) => Ok(tx),
            None => Err(Refusal::not_connected()),
        }
    }

    fn begin_for_person(
        &mut self,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<ThreadTx<'_>, ActionError> {
        self.begin(person, now)
            .ok_or_else(|| ActionError::NoSuchThread(person.clone()))
    }

    fn begin(&mut self, person: &PersonId, now: Timestamp) -> Option<ThreadTx<'_>> {
        let thread = self.threads.of_mut(person)?;
        let account = self
            .accounts
            .iter()
            .find(|account| account.id == thread.account)?;
        Some(ThreadTx::new(
            self.behavior,
            account,
            &self.apps,
            thread,
            &mut self.ids,
            now,
        ))
    }

    /// The account in the path of a call: a Page, or an Instagram account by its own id.
    pub(crate) fn account_of_call(&self, call: &Call<'_>) -> Result<&Account, Refusal> {
        self.accounts
            .iter()
            .find(|account| account.id == *call.account)
            .or_else(|| {
                self.accounts
                    .iter()
                    .find(|account| account.graph_id() == call.account)
            })
            .ok_or_else(|| Refusal::path("get", call.account.as_str()))
    }
}
