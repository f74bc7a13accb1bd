//! Brings the platform in line with the bot.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use handover_protocol::{AccountId, AppId, Object};
use secrecy::ExposeSecret;
use tokio::time::{Instant, sleep_until};

use crate::accounts::{Account, Accounts, Profile};
use crate::causes;
use crate::graph::{Graph, GraphError};
use crate::operations::{Report, Reports};
use crate::routing::Description;
use crate::secrets::Secrets;

/// How long to wait after each attempt but the last.
const PAUSES: [Duration; 3] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
];
/// How many accounts are set up at once.
const AT_ONCE: usize = 8;

/// What is to be set up, for accounts that are there at the start and those that come later.
pub(crate) struct Setup {
    pub(crate) accounts: Arc<Accounts>,
    /// Of accounts without their own.
    pub(crate) profile: Option<Profile>,
    /// Whether accounts that do not say otherwise are subscribed.
    pub(crate) subscribes: bool,
    /// The routes, whose webhook fields are subscribed to.
    pub(crate) routes: Description,
    pub(crate) app_id: AppId,
    pub(crate) secrets: Secrets,
    pub(crate) reports: Reports,
    /// Whether the settings of accounts are read because a recording needs them.
    pub(crate) is_recorded: bool,
}

/// What an account is to show and to subscribe to.
#[derive(Clone, PartialEq)]
struct Wanted {
    profile: Option<Profile>,
    subscribes: bool,
    instagram: Vec<AccountId>,
}

/// What was set up so far.
#[derive(Default)]
struct Done {
    pages: BTreeMap<AccountId, Page>,
    /// The app's own webhook: the fields of Pages and of Instagram accounts.
    app: (BTreeSet<String>, BTreeSet<String>),
    app_attempts: Attempts,
    store_attempts: Attempts,
}

struct Page {
    graph: Graph,
    wanted: Wanted,
    attempts: Attempts,
}

/// Attempts at one thing.
struct Attempts {
    made: usize,
    /// When to try it next; `None` if it is done, or given up.
    next: Option<Instant>,
    problems: Vec<Report>,
}

/// Why something could not be set up.
#[derive(Debug, thiserror::Error)]
enum SetupError {
    #[error(transparent)]
    Graph(#[from] GraphError),
    #[error(
        "the app has no webhook for {0}: enter its address in the App Dashboard, under Webhooks"
    )]
    NoWebhook(String),
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            made: 0,
            next: Some(Instant::now()),
            problems: Vec::new(),
        }
    }
}

impl Attempts {
    fn is_due(&self) -> bool {
        self.next.is_some_and(|next| next <= Instant::now())
    }

    fn made(&mut self, problems: Vec<Report>) {
        let pause = PAUSES.get(self.made).filter(|_| !problems.is_empty());
        self.made += 1;
        self.next = pause.map(|pause| Instant::now() + *pause);
        self.problems = problems;
    }
}

impl Setup {
    /// Sets up what is to be, a few times if need be, and whatever comes or changes later. Reports what
    /// could not be. Never ends.
    pub(crate) async fn run(self) {
        let mut looked_through = self.accounts.watch();
        let mut done = Done::default();
        loop {
            self.look(&mut done).await;
            let pages = done.pages.values().map(|page| &page.attempts);
            let all = pages.chain([&done.app_attempts, &done.store_attempts]);
            let next = match done.store_attempts.problems.is_empty() {
                true => all.filter_map(|attempts| attempts.next).min(),
                // Nothing else can be tried.
                false => done.store_attempts.next,
            };
            tokio::select! {
                () = until(next) => {}
                changed = looked_through.changed() => if changed.is_err() {
                    return;
                },
            }
        }
    }

    async fn look(&self, done: &mut Done) {
        let accounts = match self.accounts.all().await {
            Ok(accounts) => accounts,
            Err(error) => {
                let attempts = &mut done.store_attempts;
                if attempts.is_due() || attempts.problems.is_empty() {
                    let error = causes::with_causes(&*error);
                    tracing::error!(error, "nothing can be set up: the token store fails");
                    attempts.made(vec![Report {
                        account: None,
                        problem: format!("nothing can be set up: {error}"),
                    }]);
                    self.report(done);
                }
                return;
            }
        };
        done.store_attempts = Attempts {
            next: None,
            ..Attempts::default()
        };
        done.pages
            .retain(|page, _| accounts.iter().any(|account| account.page_id == *page));
        let mut due = Vec::new();
        if self.is_recorded {
            self.read_settings(&accounts, done).await;
        }
        for account in &accounts {
            if let Some(graph) = self.due(account, done) {
                due.push((account, graph));
            }
        }
        for some in due.chunks(AT_ONCE) {
            let attempts = some.iter().map(async |(account, graph)| {
                let wanted = self.wanted(account);
                let problems = self.set_up(account, graph, &wanted).await;
                (&account.page_id, problems)
            });
            for (page, problems) in join_all(attempts).await {
                if let Some(page) = done.pages.get_mut(page) {
                    page.attempts.made(problems);
                }
            }
        }
        self.set_up_app(&accounts, done).await;
        self.report(done);
    }

    /// Reads the settings of new accounts, so that the recording has them.
    async fn read_settings(&self, accounts: &[Account], done: &Done) {
        for account in accounts {
            if done.pages.contains_key(&account.page_id) {
                continue;
            }
            let Ok(connected) = self.accounts.connect(account) else {
                continue;
            };
            let graph = connected.graph;
            // The answers are recorded, errors as well.
            let _ = graph.messaging_feature_status().await;
            let _ = graph.secondary_receivers().await;
            let _ = graph.subscribed_apps().await;
            if let Ok(app) = graph.as_app(self.app_id.clone(), self.secrets.app_secret()) {
                let _ = app.subscriptions().await;
            }
        }
    }

    /// Its client, if something is to be done for it now.
    fn due(&self, account: &Account, done: &mut Done) -> Option<Graph> {
        let wanted = self.wanted(account);
        let known = done.pages.get(&account.page_id);
        let is_same = known.is_some_and(|known| {
            known.wanted == wanted && known.graph.is_of(&account.page_id, &account.access_token)
        });
        if !is_same {
            let Ok(connected) = self.accounts.connect(account) else {
                // A webhook of this account will report why it is unknown.
                done.pages.remove(&account.page_id);
                return None;
            };
            let graph = connected.graph;
            let has_nothing = wanted.profile.is_none() && !wanted.subscribes;
            let mut attempts = Attempts::default();
            if has_nothing {
                attempts.next = None;
            }
            let page = Page {
                graph,
                wanted,
                attempts,
            };
            done.pages.insert(account.page_id.clone(), page);
        }
        let page = done.pages.get(&account.page_id)?;
        page.attempts.is_due().then(|| page.graph.clone())
    }

    fn wanted(&self, account: &Account) -> Wanted {
        let own = self.accounts.settings(account);
        Wanted {
            profile: own.profile.or_else(|| self.profile.clone()),
            subscribes: own.subscribe.unwrap_or(self.subscribes),
            instagram: account.instagram.clone(),
        }
    }

    async fn set_up(&self, account: &Account, graph: &Graph, wanted: &Wanted) -> Vec<Report> {
        let mut problems = Vec::new();
        if wanted.subscribes {
            let result = self.subscribe_page(graph, account).await;
            note("the subscription", &account.page_id, result, &mut problems);
        }
        if let Some(profile) = &wanted.profile {
            let result = show(graph, profile, &Object::Page).await;
            note("the profile", &account.page_id, result, &mut problems);
            for id in &account.instagram {
                let result = show(graph, profile, &Object::Instagram).await;
                note("the profile", id, result, &mut problems);
            }
        }
        problems
    }

    /// The app's own webhook gets what its accounts tell.
    async fn set_up_app(&self, accounts: &[Account], done: &mut Done) {
        let subscribing = |account: &&Account| self.wanted(account).subscribes;
        let subscribing: Vec<_> = accounts.iter().filter(subscribing).collect();
        let fields = |product| fields_of(&subscribing, &self.routes, &product);
        let wanted = (fields(Object::Page), fields(Object::Instagram));
        let mut pages = subscribing.iter();
        let page = pages.find_map(|account| done.pages.get(&account.page_id));
        let Some(graph) = page.map(|page| page.graph.clone()) else {
            // Nothing is set up, so the attempt is due once an account is connected. Until then, no time is.
            done.app = Default::default();
            done.app_attempts = Attempts {
                next: None,
                ..Attempts::default()
            };
            return;
        };
        if wanted != done.app {
            done.app = wanted;
            done.app_attempts = Attempts::default();
        }
        if !done.app_attempts.is_due() {
            return;
        }
        let mut problems = Vec::new();
        for (product, fields) in [
            (Object::Page, &done.app.0),
            (Object::Instagram, &done.app.1),
        ] {
            let result = self.subscribe_app(&graph, &product, fields).await;
            let of = AccountId::from(product.as_str());
            note("the app's webhook", &of, result, &mut problems);
        }
        done.app_attempts.made(problems);
    }

    fn report(&self, done: &Done) {
        let pages = done.pages.values().map(|page| &page.attempts);
        let all = pages.chain([&done.app_attempts, &done.store_attempts]);
        let problems = all.flat_map(|attempts| attempts.problems.iter().cloned());
        self.reports.replace(problems.collect());
    }

    /// Subscribes the Page to the fields that the handlers need, and to no others.
    async fn subscribe_page(&self, graph: &Graph, account: &Account) -> Result<(), SetupError> {
        let fields = self.routes.webhook_fields(&account.page_id, &Object::Page);
        let apps = graph.subscribed_apps().await?;
        let own = apps
            .iter()
            .find(|app| app.id.as_ref() == Some(&self.app_id));
        let now = own.map(|own| own.subscribed_fields.iter().cloned().collect());
        if fields.is_empty() || now.as_ref() == Some(&fields) {
            return Ok(());
        }
        tracing::info!(account = %account.page_id, ?fields, "subscribed");
        Ok(graph.subscribe(&fields).await?)
    }

    /// Subscribes the app. A Page has its own list in addition, an Instagram account has none: for
    /// Instagram, the app's fields are exactly these.
    async fn subscribe_app(
        &self,
        graph: &Graph,
        product: &Object,
        fields: &BTreeSet<String>,
    ) -> Result<(), SetupError> {
        if fields.is_empty() {
            return Ok(());
        }
        let app = graph.as_app(self.app_id.clone(), self.secrets.app_secret())?;
        let all = app.subscriptions().await?;
        let own = all.iter().find(|one| one.object.as_ref() == Some(product));
        let (now, callback) = match own {
            Some(own) => (
                own.field_names().map(str::to_owned).collect(),
                own.callback_url.as_deref(),
            ),
            None => (
                BTreeSet::new(),
                all.iter().find_map(|one| one.callback_url.as_deref()),
            ),
        };
        let wanted = match product {
            Object::Instagram => fields.clone(),
            // Another bot may share the app with other Pages.
            _ => fields | &now,
        };
        if wanted == now {
            return Ok(());
        }
        let callback =
            callback.ok_or_else(|| SetupError::NoWebhook(product.as_str().to_owned()))?;
        tracing::info!(product = product.as_str(), fields = ?wanted, "the app's webhook is subscribed");
        let secrets = self.secrets.now();
        let verify_token = secrets.lists.verify_tokens.first();
        let verify_token = verify_token.map_or("", ExposeSecret::expose_secret);
        Ok(app
            .subscribe(product.as_str(), callback, verify_token, &wanted)
            .await?)
    }
}

/// Notes why something could not be set up.
fn note(what: &str, of: &AccountId, result: Result<(), SetupError>, problems: &mut Vec<Report>) {
    if let Err(error) = result {
        let error = causes::with_causes(&error);
        tracing::error!(account = %of, error, "{what} cannot be set up");
        problems.push(Report {
            account: Some(of.clone()),
            problem: format!("{what} of {of} cannot be set up: {error}"),
        });
    }
}

/// Waits until this time; without one, never returns.
async fn until(time: Option<Instant>) {
    match time {
        Some(time) => sleep_until(time).await,
        None => std::future::pending().await,
    }
}

/// Sets the parts of the profile that differ.
async fn show(graph: &Graph, profile: &Profile, product: &Object) -> Result<(), SetupError> {
    profile.check().map_err(GraphError::from)?;
    let graph = graph.for_product(product.clone());
    if let Some(missing) = profile.missing_in(&graph.profile().await?, product) {
        graph.set_profile(&missing).await?;
        tracing::info!(page = %graph.page_id(), product = product.as_str(), "the profile is set");
    }
    Ok(())
}

/// Fields that all accounts of a product need together.
fn fields_of(accounts: &[&Account], routes: &Description, product: &Object) -> BTreeSet<String> {
    let ids = accounts.iter().flat_map(|account| match product {
        Object::Instagram => &account.instagram[..],
        _ => std::slice::from_ref(&account.page_id),
    });
    ids.flat_map(|id| routes.webhook_fields(id, product))
        .collect()
}
