//! Rules of the Messenger Platform as a state machine without I/O.
//!
//! Each method takes the time and returns the webhooks that the action causes. The same actions at
//! the same times give the same ids and webhooks. Where Meta's documentation is silent,
//! [`Behavior`] selects what happens.
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
mod replay;
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
pub use delivery::{Post, Step, WebhookDelivery};
pub use field::WebhookField;
pub(crate) use graph::{FieldList, PageRequest};
pub use graph::{Parameters, UploadedFile};
pub use inbox::Folder;
pub(crate) use parameter::Parameter;
pub use person::PersonChange;
pub use product::Product;
pub use rate_limits::RateLimits;
pub(crate) use rate_limits::Usage;
pub use refusal::Refusal;
pub use routing::{EntryPoint, Routing};
pub use thread::{
    Button, ChatEntry, ChatMessage, Control, Handover, HandoverKind, MessageAuthor, Origin, Thread,
};

use graph::Records;
use ids::Ids;
use rate_limits::CallCounters;
use thread_tx::ThreadTx;
use threads::ThreadMap;

/// Result of a Graph API call: a value with the webhooks that the call causes, or an error.
pub type GraphResult<T> = Result<Step<T>, Refusal>;

/// Context of a Graph API call: app, account and time.
#[derive(Debug, Clone, Copy)]
pub struct CallContext<'a> {
    /// App of the access token.
    pub app: &'a AppId,
    /// Page in the path. Instagram accounts are called with the linked Page.
    pub account: &'a AccountId,
    /// Time of the call.
    pub now: Timestamp,
}

/// State of the platform: apps, accounts and threads.
#[derive(Debug, Clone)]
pub struct Platform {
    behavior: Behavior,
    apps: Vec<App>,
    accounts: Vec<Account>,
    threads: ThreadMap,
    ids: Ids,
    records: Records,
    counters: CallCounters,
}

impl Platform {
    /// Creates a platform with only Meta's own apps. The seed determines ids. Use another seed for
    /// each run if the bot keeps its database, because it ignores message ids that it knows.
    pub fn new(seed: u64) -> Self {
        Self {
            behavior: Behavior::default(),
            apps: App::meta_apps().into(),
            accounts: Vec::new(),
            threads: ThreadMap::default(),
            ids: Ids::new(seed),
            records: Records::default(),
            counters: CallCounters::default(),
        }
    }

    /// Returns the behavior where the documentation is silent.
    pub fn behavior(&self) -> Behavior {
        self.behavior
    }

    /// Sets the behavior where the documentation is silent.
    pub fn set_behavior(&mut self, behavior: Behavior) {
        self.behavior = behavior;
    }

    /// Adds an app and connects it to every account, with all switches on. Replaces an app with the
    /// same id but keeps its connections.
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

    /// Adds an account and connects every app to it. Replaces an account with the same id.
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

    /// Disconnects an app from an account. It gets no webhooks and its calls fail there.
    pub fn disconnect(&mut self, account: &AccountId, app: &AppId) {
        if let Some(account) = self.account_mut(account) {
            account.connections.retain(|known| known.app != *app);
        }
    }

    /// Connects an app to an account again, with all switches on. Has no effect if it is connected
    /// or not meant for the product.
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

    /// Adds a person with an empty thread at this account. Returns the page-scoped id, which also
    /// identifies the thread.
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

    /// Removes all persons and threads. Apps and accounts stay.
    pub fn remove_persons(&mut self) {
        self.threads.clear();
        self.records.remove_persons();
    }

    /// Returns the apps, Meta's own first.
    pub fn apps(&self) -> &[App] {
        &self.apps
    }

    /// Returns the app with this id.
    pub fn app(&self, id: &AppId) -> Option<&App> {
        self.apps.iter().find(|app| app.id == *id)
    }

    /// Returns the app with this id, for changes of its subscriptions.
    pub fn app_mut(&mut self, id: &AppId) -> Option<&mut App> {
        self.apps.iter_mut().find(|app| app.id == *id)
    }

    /// Returns the accounts.
    pub fn accounts(&self) -> &[Account] {
        &self.accounts
    }

    /// Returns the account with this id.
    pub fn account(&self, id: &AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == *id)
    }

    /// Returns the account with this id, for changes of its settings.
    pub fn account_mut(&mut self, id: &AccountId) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.id == *id)
    }

    /// Returns the connection of an app to an account, for changes of its settings.
    pub fn connection_mut(&mut self, account: &AccountId, app: &AppId) -> Option<&mut Connection> {
        let connections = &mut self.account_mut(account)?.connections;
        connections
            .iter_mut()
            .find(|connection| connection.app == *app)
    }

    /// Returns the threads, in the order in which the persons were added.
    pub fn threads(&self) -> &[Thread] {
        self.threads.all()
    }

    /// Returns the thread of a person.
    pub fn thread(&self, person: &PersonId) -> Option<&Thread> {
        self.threads.of(person)
    }

    fn begin_for_recipient(
        &mut self,
        call: &CallContext<'_>,
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
        call: &CallContext<'_>,
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

    /// Returns the account of a call: a Page, or an Instagram account by its own id.
    pub(crate) fn account_of_call(&self, call: &CallContext<'_>) -> Result<&Account, Refusal> {
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
