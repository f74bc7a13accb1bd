//! Delivers notices to colleagues, beside the calls to the platform.

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use handover_protocol::Timestamp;
use hyper::StatusCode;
use tokio::task::JoinSet;
use tracing::Instrument;

use crate::accounts::Accounts;
use crate::causes;
use crate::clock::Clock;
use crate::graph::retry_after;
use crate::http::{HttpClient, HttpError, HttpResponse};
use crate::journal::{Journal, NoticeResult, OutboxNotice, Wake};
use crate::metrics::{self, IntCounterVec, Registry, counters};
use crate::notice::{Address, Notice, Notifier, NotifierError};
use tokio_util::sync::CancellationToken;

/// How many are handed out together.
const AT_ONCE: usize = 64;
/// How long a notifier may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long to leave a store alone that has just failed.
const STORE_PAUSE: Duration = Duration::from_secs(1);
const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest pause before a notice is tried again.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// The longest pause of a notifier that has failed for one notice, if there are others.
const LONGEST_REST: Duration = Duration::from_secs(60);
/// The longest pause that a notifier may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(3600);
/// How long a notice is tried.
const GIVEN_UP_AFTER: Duration = Duration::from_secs(24 * 3600);
/// How much of an answer is quoted, in characters.
const QUOTED: usize = 200;

/// The notifiers of a bot, by name. Those of single accounts join when they are needed.
pub(crate) struct Notifiers {
    of_all: HashMap<Arc<str>, Arc<Outlet>>,
    of_accounts: Mutex<HashMap<Arc<str>, Arc<Outlet>>>,
}

/// A notifier that can be sent to.
struct Outlet {
    notifier: Notifier,
    address: Address,
    client: HttpClient,
}

/// What every delivery shares.
pub(crate) struct Notices {
    pub(crate) journal: Journal,
    pub(crate) accounts: Arc<Accounts>,
    pub(crate) notifiers: Notifiers,
    pub(crate) wake: Wake,
    pub(crate) stop: CancellationToken,
    pub(crate) clock: Clock,
    pub(crate) metrics: NoticeMetrics,
    /// How often each notifier has failed since it accepted something.
    pub(crate) failures: Mutex<HashMap<String, u32>>,
}

/// What came of an attempt.
enum Attempt {
    Delivered,
    /// To be tried again, after this time if the server asked for it.
    Failed(String, Option<Duration>),
    Refused(String),
}

impl Notifiers {
    pub(crate) fn new<'a>(
        notifiers: impl Iterator<Item = &'a Notifier>,
    ) -> Result<Self, NotifierError> {
        let mut of_all = HashMap::new();
        for notifier in notifiers {
            let name = notifier.name_of();
            let outlet = Outlet::of(notifier.clone())?;
            if of_all.insert(name.clone(), Arc::new(outlet)).is_some() {
                let name = name.to_string();
                return Err(NotifierError::Twice { name });
            }
        }
        Ok(Self {
            of_all,
            of_accounts: Mutex::default(),
        })
    }

    /// That of an account, as it is now.
    fn of_account(&self, notifier: Notifier) -> Result<Arc<Outlet>, NotifierError> {
        // The map is whole after every statement.
        let mut all = self
            .of_accounts
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(notifier.name_of())
            && known.notifier.is_like(&notifier)
        {
            return Ok(known.clone());
        }
        let name = notifier.name_of().clone();
        let outlet = Arc::new(Outlet::of(notifier)?);
        all.insert(name, outlet.clone());
        Ok(outlet)
    }
}

impl Outlet {
    fn of(notifier: Notifier) -> Result<Self, NotifierError> {
        let address = notifier.address()?;
        let client = HttpClient::to(address.server(), CONNECT_TIMEOUT);
        let client = client.map_err(|error| NotifierError::Unusable {
            name: notifier.name_of().to_string(),
            reason: causes::with_causes(&error),
        })?;
        Ok(Self {
            notifier,
            address,
            client,
        })
    }
}

/// Delivers what is due until the bot stops; then waits for what is under way.
pub(crate) async fn deliver(notices: Arc<Notices>) {
    let mut under_way = JoinSet::new();
    while !notices.stop.is_cancelled() {
        while under_way.try_join_next().is_some() {}
        let now = notices.clock.now();
        let started = match notices.journal.start_notices(now, AT_ONCE).await {
            Ok(started) => started,
            Err(error) => {
                tracing::error!(%error, "the notices cannot be read; trying again");
                tokio::time::sleep(STORE_PAUSE).await;
                continue;
            }
        };
        let is_all = started.items.len() < AT_ONCE;
        for notice in started.items {
            let span = tracing::info_span!(
                "notice",
                thread = %notice.notice.thread,
                notifier = notice.notice.notifier,
                kind = %notice.notice.kind,
                attempt = notice.attempts,
            );
            let notices = notices.clone();
            under_way.spawn(async move { notices.deliver(notice).await }.instrument(span));
        }
        if is_all {
            tokio::select! {
                () = notices.wake.notices() => {}
                () = notices.clock.until(started.next_at) => {}
                () = notices.stop.cancelled() => {}
            }
        }
    }
    while under_way.join_next().await.is_some() {}
}

impl Notices {
    async fn deliver(&self, notice: OutboxNotice) {
        // A notifier's words are the bot's own code.
        let attempt = AssertUnwindSafe(self.attempt(&notice)).catch_unwind().await;
        let attempt = attempt.unwrap_or_else(|panic| {
            let text = causes::of_panic(&*panic);
            Attempt::Refused(format!("it panicked: {text}"))
        });
        let result = match attempt {
            Attempt::Delivered => {
                self.lock().remove(&notice.notice.notifier);
                tracing::info!("delivered");
                NoticeResult::Delivered
            }
            Attempt::Refused(cause) => {
                tracing::error!(%cause, "a notice is given up and kept as a dead letter");
                NoticeResult::Dead(cause)
            }
            Attempt::Failed(cause, retry_after) => self.retry(&notice, &cause, retry_after),
        };
        // One account's are counted together, so that there is a bounded number of them.
        let name = &notice.notice.notifier;
        let name = name.split_once('/').map_or(&**name, |(_, own)| own);
        self.metrics.tried(name, &result);
        self.finish(notice.id, result).await;
    }

    async fn attempt(&self, notice: &OutboxNotice) -> Attempt {
        let OutboxNotice { notice, .. } = notice;
        let outlet = match self.outlet(notice).await {
            Ok(Some(outlet)) => outlet,
            Ok(None) => {
                return Attempt::Refused(format!(
                    "the bot has no notifier `{}` any more",
                    notice.notifier
                ));
            }
            Err(error) => return Attempt::Refused(error.to_string()),
        };
        crate::failpoint::failpoint!("notice.before_request");
        let request = || outlet.address.request(notice, self.clock.real());
        let answer = outlet.client.exchange(request, TIMEOUT).await;
        crate::failpoint::failpoint!("notice.after_request");
        judge(answer, &outlet.address)
    }

    async fn outlet(&self, notice: &Notice) -> Result<Option<Arc<Outlet>>, NotifierError> {
        let (account, name) = (&notice.thread.account, &*notice.notifier);
        if let Some(outlet) = self.notifiers.of_all.get(name) {
            return Ok(Some(outlet.clone()));
        }
        let own = self.accounts.notifier(account, &notice.product, name).await;
        own.map(|own| self.notifiers.of_account(own)).transpose()
    }

    fn retry(
        &self,
        notice: &OutboxNotice,
        cause: &str,
        retry_after: Option<Duration>,
    ) -> NoticeResult {
        let now = self.clock.now();
        let failures = {
            let mut failures = self.lock();
            let failures = failures.entry(notice.notice.notifier.clone()).or_default();
            *failures += 1;
            *failures
        };
        let asked = retry_after.map(|time| time.min(LONGEST_RETRY_AFTER));
        let due = now + asked.unwrap_or_else(|| pause(notice.attempts, LONGEST_PAUSE));
        let rests_until = now + asked.unwrap_or_else(|| pause(failures - 1, LONGEST_REST));
        if due.duration_since(notice.since) >= GIVEN_UP_AFTER {
            let hours = GIVEN_UP_AFTER.as_secs() / 3600;
            let cause = format!("{cause}; tried for {hours} hours");
            tracing::error!(%cause, "a notice is given up and kept as a dead letter");
            return NoticeResult::Dead(cause);
        }
        let in_ms = due.duration_since(now).as_millis();
        tracing::warn!(cause, in_ms, "a notice was not accepted and is tried again");
        NoticeResult::RetryAt { due, rests_until }
    }

    /// A notice that was delivered and not recorded would come again, so this does not give up while
    /// the bot runs.
    async fn finish(&self, id: u64, result: NoticeResult) {
        let now: Timestamp = self.clock.now();
        loop {
            match self.journal.finish_notice(id, result.clone(), now).await {
                Ok(ready) => return self.wake.up(ready),
                Err(error) => {
                    tracing::error!(%error, "what became of a notice cannot be stored; trying again");
                }
            }
            if self.stop.is_cancelled() {
                return;
            }
            tokio::time::sleep(STORE_PAUSE).await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<String, u32>> {
        // The map is whole after every statement.
        self.failures.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn judge(answer: Result<HttpResponse, HttpError>, address: &Address) -> Attempt {
    let answer = match answer {
        Ok(answer) if answer.status.is_success() => return Attempt::Delivered,
        Ok(answer) => answer,
        Err(error) => {
            let cause = address.redact(&causes::with_causes(&error));
            return Attempt::Failed(cause, None);
        }
    };
    let status = answer.status;
    if status.is_redirection() {
        return Attempt::Refused(format!(
            "the server answered {status}, and redirects are not followed"
        ));
    }
    let body = String::from_utf8_lossy(&answer.body);
    let body: String = body.trim().chars().take(QUOTED).collect();
    let body = address.redact(&body.replace(char::is_control, " "));
    let cause = match body.is_empty() {
        true => format!("the server answered {status}"),
        false => format!("the server answered {status}: {body}"),
    };
    let may_pass = status.is_server_error()
        || matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY | StatusCode::TOO_MANY_REQUESTS
        );
    if may_pass {
        Attempt::Failed(cause, retry_after(&answer.headers))
    } else {
        Attempt::Refused(cause)
    }
}

/// Twice the last pause, up to the longest; between half of that and all of it.
fn pause(attempt: u32, longest: Duration) -> Duration {
    let bound = FIRST_PAUSE.saturating_mul(2_u32.saturating_pow(attempt));
    bound.min(longest).mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// What became of notices.
pub(crate) struct NoticeMetrics(IntCounterVec);

impl NoticeMetrics {
    pub(crate) fn new(registry: &Registry, notifiers: &Notifiers) -> Result<Self, metrics::Error> {
        let counter = counters(
            registry,
            "handover_notices_total",
            "Attempts to deliver a notice to a notifier, by what came of it.",
            &["notifier", "result"],
        )?;
        for notifier in notifiers.of_all.keys() {
            for result in ["delivered", "retried", "dead"] {
                counter.with_label_values(&[notifier, result]);
            }
        }
        Ok(Self(counter))
    }

    fn tried(&self, notifier: &str, result: &NoticeResult) {
        let result = match result {
            NoticeResult::Delivered => "delivered",
            NoticeResult::RetryAt { .. } => "retried",
            NoticeResult::Dead(_) => "dead",
        };
        self.0.with_label_values(&[notifier, result]).inc();
    }
}
