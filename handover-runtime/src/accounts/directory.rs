//! Finds the Graph client of an account.

use std::collections::HashMap;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use handover_protocol::{AccountId, Object};
use tokio::time::Instant;

use super::{Account, TokenStore};
use crate::error;
use crate::graph::{Graph, Line};
use crate::outbox::SendRate;

/// How long what the store said is believed.
const FRESH: Duration = Duration::from_secs(1);

/// The account of which the dashboard's Test button tells.
const TEST_BUTTON: &str = "0";

/// The accounts that the bot speaks for.
pub(crate) struct Accounts {
    line: Line,
    store: Arc<dyn TokenStore>,
    asked: Mutex<HashMap<AccountId, Asked>>,
}

/// What the store said of an account.
struct Asked {
    /// `None` if it is to be asked again.
    at: Option<Instant>,
    answer: Answer,
}

/// The account, or why it cannot be spoken for.
type Answer = Result<Known, Arc<str>>;

/// An account that the bot speaks for.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) graph: Graph,
    pub(crate) send_rate: Option<SendRate>,
}

/// Whether an account is known.
pub(crate) enum Lookup {
    Known(Known),
    /// It is not, for this reason.
    Unknown(Arc<str>),
    /// Nobody can tell now.
    Unclear(Box<dyn Error + Send + Sync>),
}

impl Accounts {
    pub(crate) fn new(line: Line, store: Arc<dyn TokenStore>) -> Self {
        Self {
            line,
            store,
            asked: Mutex::default(),
        }
    }

    /// The account of a thread of this product.
    pub(crate) async fn find(&self, id: &AccountId, product: &Object) -> Lookup {
        let last = {
            let asked = self.lock();
            let last = asked.get(id);
            if let Some(last) = last.filter(|last| last.at.is_some_and(|at| at.elapsed() < FRESH)) {
                return last.answer.clone().into();
            }
            last.map(|last| last.answer.clone())
        };
        let found = match self.ask(id, product).await {
            Ok(found) => found,
            Err(error) => {
                let Some(Ok(known)) = last else {
                    return Lookup::Unclear(error);
                };
                tracing::warn!(account = %id, error = error::with_causes(&*error), "the token store does not answer; the last token is used");
                return Lookup::Known(known);
            }
        };
        let answer = match (found, &last) {
            (None, _) => Err("the bot has no access token for this account".into()),
            (Some(account), Some(Ok(known))) if known.graph.is_of(&account) => Ok(Known {
                graph: known.graph.clone(),
                send_rate: account.send_rate,
            }),
            (Some(account), _) => self.connect(&account),
        };
        if let Err(reason) = &answer
            && !matches!(last, Some(Err(_)))
        {
            tracing::error!(account = %id, %reason, "events of an unknown account: they are kept as dead letters, and nothing is sent for it");
        }
        let at = Some(Instant::now());
        let asked = Asked {
            at,
            answer: answer.clone(),
        };
        self.lock().insert(id.clone(), asked);
        answer.into()
    }

    /// Whether the store gives another token than the one of this client, which was refused.
    pub(crate) async fn has_other_token(
        &self,
        id: &AccountId,
        product: &Object,
        refused: &Graph,
    ) -> bool {
        if let Some(asked) = self.lock().get_mut(id) {
            asked.at = None;
        }
        match self.find(id, product).await {
            Lookup::Known(known) => !known.graph.has_token_of(refused),
            Lookup::Unknown(_) | Lookup::Unclear(_) => false,
        }
    }

    /// Accounts of which events came although the bot does not speak for them.
    pub(crate) fn unknown(&self) -> Vec<(AccountId, Arc<str>)> {
        let asked = self.lock();
        let unknown = asked.iter().filter_map(|(id, asked)| {
            let reason = asked.answer.as_ref().err()?;
            Some((id.clone(), reason.clone()))
        });
        let mut unknown: Vec<_> = unknown.collect();
        unknown.sort();
        unknown
    }

    pub(crate) async fn all(&self) -> Result<Vec<Account>, Box<dyn Error + Send + Sync>> {
        self.store.accounts().await
    }

    pub(crate) fn connect(&self, account: &Account) -> Answer {
        let graph = self.line.to(account);
        let graph = graph.map_err(|error| error::with_causes(&error))?;
        Ok(Known {
            graph,
            send_rate: account.send_rate,
        })
    }

    /// Where there is one Page and nobody named an Instagram account, every one is that Page's. What
    /// the dashboard's Test button sends is of no account, so any will do.
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

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Asked>> {
        // The map is whole after every statement.
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl From<Answer> for Lookup {
    fn from(answer: Answer) -> Self {
        match answer {
            Ok(known) => Self::Known(known),
            Err(reason) => Self::Unknown(reason),
        }
    }
}
