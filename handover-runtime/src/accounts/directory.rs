//! Lookup of the Graph client of an account.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use foldhash::{HashMap, HashSet};
use handover_protocol::{AccountId, AppId, Object, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::watch;

use super::settings_of::BoundSettings;
use super::{Account, AccountSettings, CaughtStore, Effective, Tallies, TokenStore};
use crate::causes;
use crate::clock::Clock;
use crate::graph::{AppGraph, Graph, GraphError, GraphTransport};
use crate::notice::{Listeners, Notifier};

/// How long an answer of the store is valid.
const FRESH: Duration = Duration::from_secs(1);

/// Account id in the events of the dashboard's Test button.
const TEST_BUTTON: &str = "0";

/// The accounts of the bot.
pub(crate) struct Accounts {
    transport: GraphTransport,
    store: CaughtStore,
    /// Settings of accounts without their own.
    usual: Effective,
    settings_of: Option<BoundSettings>,
    tallies: Tallies,
    /// Notified when the store was looked through.
    looked_through: watch::Sender<()>,
    /// By the bot's clock, so that a test can let an answer become old.
    clock: Clock,
    cache: Mutex<HashMap<AccountId, CachedLookup>>,
    /// Ids of the last list from the store.
    listed: Mutex<HashSet<AccountId>>,
}

/// What has changed in the list of the store.
#[derive(Debug, Default)]
pub(crate) struct AccountChanges {
    pub(crate) appeared: Vec<AccountId>,
    pub(crate) removed: Vec<AccountId>,
}

/// Cached answer of the store for one account.
struct CachedLookup {
    /// Time of the answer; `None` if the store is to be asked again.
    at: Option<Timestamp>,
    product: Object,
    answer: LookupResult,
    /// Whether the platform sent events of this account that could not be handled.
    has_lost_events: bool,
}

/// The account, or why it is unknown.
type LookupResult = Result<KnownAccount, UnknownAccount>;

/// Why an account is unknown.
#[derive(Clone, Debug)]
pub(crate) struct UnknownAccount {
    reason: Arc<str>,
    /// The bot used it before. Removing it was a decision, so `/readyz` does not report it.
    removed: bool,
}

/// Account with a token.
#[derive(Clone, Debug)]
pub(crate) struct KnownAccount {
    pub(crate) graph: Graph,
    pub(crate) settings: Arc<Effective>,
    /// Of this account alone.
    notifiers: Arc<[Notifier]>,
}

/// Result of looking up an account.
pub(crate) enum Lookup {
    Known(KnownAccount),
    /// Unknown, for this reason.
    Unknown(Arc<str>),
    /// The store failed.
    Unclear(Box<dyn Error + Send + Sync>),
}

/// Answer of the store about an account whose token was refused.
pub(crate) enum Renewal {
    OtherToken,
    SameToken,
    /// The store has no token any more, for this reason.
    Removed(Arc<str>),
}

impl Accounts {
    pub(crate) fn new(
        transport: GraphTransport,
        store: Arc<dyn TokenStore>,
        usual: Effective,
        settings_of: Option<BoundSettings>,
        clock: Clock,
    ) -> Self {
        Self {
            transport,
            store: CaughtStore(store),
            usual,
            settings_of,
            tallies: Tallies::default(),
            looked_through: watch::Sender::default(),
            clock,
            cache: Mutex::default(),
            listed: Mutex::default(),
        }
    }

    /// A client of the app itself.
    pub(crate) fn app(&self, id: &AppId, secret: &SecretString) -> Result<AppGraph, GraphError> {
        let token = format!("{id}|{}", secret.expose_secret());
        let as_page = self
            .transport
            .to(AccountId::from(id.as_str()), token.into())?;
        as_page.as_app(id.clone(), secret.clone())
    }

    /// Looks up the account of a thread of this product.
    pub(crate) async fn find(&self, id: &AccountId, product: &Object) -> Lookup {
        let last = {
            let cache = self.lock();
            let last = cache.get(id);
            if let Some(last) = last.filter(|last| self.is_fresh(last)) {
                return last.answer.clone().into();
            }
            last.map(|last| last.answer.clone())
        };
        // Boxed, since it is rare, and every message looks up its account.
        Box::pin(self.look_up(id, product, last)).await
    }

    /// Asks the token store.
    async fn look_up(
        &self,
        id: &AccountId,
        product: &Object,
        last: Option<LookupResult>,
    ) -> Lookup {
        let found = match self.ask(id, product).await {
            Ok(found) => found,
            Err(error) => {
                let Some(Ok(known)) = last else {
                    return Lookup::Unclear(error);
                };
                tracing::warn!(account = %id, error = causes::with_causes(&*error), "the token store failed; the last token is used");
                return Lookup::Known(known);
            }
        };
        let answer = match (found, &last) {
            (None, Some(Err(unknown))) => Err(unknown.clone()),
            (None, Some(Ok(_))) => Err(UnknownAccount::removed()),
            (None, None) if self.listed().contains(id) => Err(UnknownAccount::removed()),
            (None, None) => Err(UnknownAccount::new(
                "the bot has no access token for this account",
            )),
            (Some(account), Some(Ok(known)))
                if known.graph.is_of(&account.page_id, &account.access_token) =>
            {
                Ok(self.known(&account, known.graph.clone()))
            }
            (Some(account), _) => self.connect(&account),
        };
        if let (Err(_), Some(Ok(known))) = (&answer, &last) {
            // Existing clones, such as in a running handler, send nothing more.
            known.graph.revoke();
            self.tallies.forget(id);
        }
        if let Err(UnknownAccount { reason, removed }) = &answer
            && !matches!(last, Some(Err(_)))
        {
            if *removed {
                tracing::warn!(account = %id, %reason, "an account was removed: what waits for it is kept as dead letters");
            } else {
                tracing::error!(account = %id, %reason, "events of an unknown account: they are kept as dead letters, and nothing is sent for it");
            }
        }
        let mut all = self.lock();
        let has_lost_events = answer.is_err() && all.get(id).is_some_and(|it| it.has_lost_events);
        let cache = CachedLookup {
            at: Some(self.clock.now()),
            product: product.clone(),
            answer: answer.clone(),
            has_lost_events,
        };
        all.insert(id.clone(), cache);
        answer.into()
    }

    /// The product of an account of which nothing but its id is known, if the bot speaks for it.
    ///
    /// `is_known` says whether something has come of it before: an Instagram account that nobody
    /// named is taken for the only Page's then, and a mistyped id is not.
    pub(crate) async fn product_of(
        &self,
        id: &AccountId,
        is_known: bool,
    ) -> Result<Option<(Object, KnownAccount)>, Box<dyn Error + Send + Sync>> {
        let cache = self.lock().get(id).and_then(|cache| {
            let is_fresh = self.is_fresh(cache);
            let known = cache.answer.clone().ok().filter(|_| is_fresh);
            known.map(|known| (cache.product.clone(), known))
        });
        if cache.is_some() {
            return Ok(cache);
        }
        let product = match self.store.account(id).await? {
            Some(account) if account.page_id == *id => Object::Page,
            Some(_) => Object::Instagram,
            None if is_known && self.ask(id, &Object::Instagram).await?.is_some() => {
                Object::Instagram
            }
            None => return Ok(None),
        };
        Ok(match self.find(id, &product).await {
            Lookup::Known(known) => Some((product, known)),
            Lookup::Unknown(_) | Lookup::Unclear(_) => None,
        })
    }

    /// Asks the store, without the cache.
    async fn find_again(&self, id: &AccountId, product: &Object) -> Lookup {
        if let Some(cache) = self.lock().get_mut(id) {
            cache.at = None;
        }
        self.find(id, product).await
    }

    /// Whether the store has another token than this client's, which was refused.
    pub(crate) async fn renewal(
        &self,
        id: &AccountId,
        product: &Object,
        refused: &Graph,
    ) -> Renewal {
        match self.find_again(id, product).await {
            Lookup::Known(known) if known.graph.has_token_of(refused) => Renewal::SameToken,
            Lookup::Known(_) => Renewal::OtherToken,
            Lookup::Unknown(reason) => Renewal::Removed(reason),
            Lookup::Unclear(_) => Renewal::SameToken,
        }
    }

    /// Records that events of this account could not be handled.
    pub(crate) fn has_lost_events(&self, id: &AccountId) {
        if let Some(cache) = self.lock().get_mut(id) {
            cache.has_lost_events = cache.answer.is_err();
        }
    }

    /// Accounts whose events arrived although the bot never had a token for them.
    pub(crate) fn unknown(&self) -> Vec<(AccountId, Arc<str>)> {
        let cache = self.lock();
        let unknown = cache.iter().filter_map(|(id, cache)| {
            let unknown = cache.answer.as_ref().err()?;
            let is_told = cache.has_lost_events && !unknown.removed;
            is_told.then(|| (id.clone(), unknown.reason.clone()))
        });
        let mut unknown: Vec<_> = unknown.collect();
        unknown.sort();
        unknown
    }

    /// Whether the bot had a token for it before and has none now.
    pub(crate) fn is_removed(&self, id: &AccountId) -> bool {
        let cache = self.lock();
        let unknown = cache.get(id).and_then(|cache| cache.answer.as_ref().err());
        unknown.is_some_and(|unknown| unknown.removed)
    }

    /// What the store lists otherwise than at the last call.
    pub(crate) async fn changes(&self) -> AccountChanges {
        let changes = self.look_through().await;
        self.looked_through.send_replace(());
        changes
    }

    async fn look_through(&self) -> AccountChanges {
        let mut changes = AccountChanges::default();
        let Ok(all) = self.store.accounts().await else {
            // The store failed. The next lookup asks again.
            return changes;
        };
        let now: HashSet<_> = all.iter().flat_map(Account::ids).cloned().collect();
        let mut missing: HashMap<_, _> = {
            let mut listed = self.listed();
            if *listed == now {
                return changes;
            }
            changes.appeared = now.difference(&listed).cloned().collect();
            let before = listed.difference(&now);
            let missing = before.map(|id| (id.clone(), Object::Page)).collect();
            listed.extend(now.iter().cloned());
            missing
        };
        // Instagram accounts of a single Page need not be listed.
        let mut absent = Vec::new();
        for (id, cache) in &*self.lock() {
            match &cache.answer {
                Ok(_) => {
                    missing.insert(id.clone(), cache.product.clone());
                }
                Err(_) if now.contains(id) => {}
                Err(_) => absent.push((id.clone(), cache.product.clone())),
            }
        }
        missing.retain(|id, _| !now.contains(id));
        for (id, product) in missing {
            if let Lookup::Unknown(_) = self.find_again(&id, &product).await {
                changes.removed.push(id);
            }
        }
        for (id, product) in absent {
            if let Lookup::Known(_) = self.find_again(&id, &product).await {
                changes.appeared.push(id);
            }
        }
        *self.listed() = now;
        changes
    }

    pub(crate) async fn all(&self) -> Result<Vec<Account>, Box<dyn Error + Send + Sync>> {
        self.store.accounts().await
    }

    pub(crate) fn connect(&self, account: &Account) -> LookupResult {
        let graph = account.graph(&self.transport);
        let graph = graph.map_err(|error| UnknownAccount::new(&causes::with_causes(&error)))?;
        Ok(self.known(account, graph))
    }

    fn known(&self, account: &Account, graph: Graph) -> KnownAccount {
        let mut settings = self.settings(account);
        settings.send_rate = account.send_rate.or(settings.send_rate);
        // The account distinguishes them from others.
        let own = settings.notifiers.drain(..);
        let own = own.map(|notifier| notifier.of_account(&account.page_id));
        settings.notifiers = own.collect();
        KnownAccount {
            graph,
            settings: Arc::new(self.usual.with(&settings)),
            notifiers: settings.notifiers.into(),
        }
    }

    /// The settings that are an account's own.
    pub(crate) fn settings(&self, account: &Account) -> AccountSettings {
        let own = account.settings.clone();
        let Some(settings_of) = &self.settings_of else {
            return own;
        };
        match catch_unwind(AssertUnwindSafe(|| settings_of(account))) {
            Ok(settings) => own.or(settings),
            Err(_) => {
                tracing::error!(account = %account.page_id, "`settings_of` panicked; the account has the bot's settings");
                own
            }
        }
    }

    /// Who hears of a thread of this account.
    pub(crate) fn listeners(&self, account: &AccountId) -> Listeners {
        let cache = self.lock();
        let known = cache
            .get(account)
            .and_then(|cache| cache.answer.as_ref().ok());
        known.map_or_else(
            || self.usual.listeners.clone(),
            |known| known.settings.listeners.clone(),
        )
    }

    /// The notifier of this name among those of the account alone; `None` if it has none, or is not
    /// spoken for.
    pub(crate) async fn notifier(
        &self,
        account: &AccountId,
        product: &Object,
        name: &str,
    ) -> Option<Notifier> {
        let Lookup::Known(known) = self.find(account, product).await else {
            return None;
        };
        let mut all = known.notifiers.iter();
        all.find(|notifier| **notifier.name_of() == *name).cloned()
    }

    pub(crate) const fn tallies(&self) -> &Tallies {
        &self.tallies
    }

    /// Hears when the store was looked through.
    pub(crate) fn watch(&self) -> watch::Receiver<()> {
        self.looked_through.subscribe()
    }

    /// If there is one Page and no Instagram account is configured, every Instagram account belongs to that
    /// Page. The events of the dashboard's Test button belong to no account, so any account will do.
    async fn ask(
        &self,
        id: &AccountId,
        product: &Object,
    ) -> Result<Option<Account>, Box<dyn Error + Send + Sync>> {
        let found = self.store.account(id).await?;
        let is_test = id.as_str() == TEST_BUTTON;
        if found.is_some() || (*product == Object::Page && !is_test) {
            return Ok(found);
        }
        let mut all = self.store.accounts().await?;
        if is_test {
            return Ok(all.into_iter().next());
        }
        match (all.pop(), all.is_empty()) {
            (Some(only), true) if only.instagram.is_empty() => Ok(Some(only)),
            _ => Ok(None),
        }
    }

    fn is_fresh(&self, lookup: &CachedLookup) -> bool {
        let now = self.clock.now();
        lookup.at.is_some_and(|at| now.duration_since(at) < FRESH)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, CachedLookup>> {
        // The map is whole after every statement.
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn listed(&self) -> MutexGuard<'_, HashSet<AccountId>> {
        // The set is whole after every statement.
        self.listed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnknownAccount {
    fn new(reason: &str) -> Self {
        Self {
            reason: reason.into(),
            removed: false,
        }
    }

    fn removed() -> Self {
        Self {
            removed: true,
            ..Self::new("the account was removed: the bot has no access token for it any more")
        }
    }
}

impl From<LookupResult> for Lookup {
    fn from(answer: LookupResult) -> Self {
        match answer {
            Ok(known) => Self::Known(known),
            Err(unknown) => Self::Unknown(unknown.reason),
        }
    }
}
