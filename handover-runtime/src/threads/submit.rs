//! Signals and messages from outside a handler.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::time::Duration;

use handover_protocol::{Object, Timestamp};
use serde_json::{Value, json};

use super::{Receipt, SubmitError, ThreadHandle};
use crate::internal_event::{InternalEvent, InternalEventBody, SignalEvent};
use crate::journal::{DedupeKey, StoredReceipt, Submission, SubmitStatus, Submitted, ThreadState};
use crate::outbox::{Composer, HELD_FOR};
use crate::outcome::{Limits, Message};
use crate::signal::SignalData;
use crate::thread::{ThreadKey, ThreadParty};

/// A future that can be sent to another thread.
type Boxed<T> = Pin<Box<dyn Future<Output = T> + Send>>;

/// A signal that is about to be sent, from [`ThreadHandle::signal`]. It is stored once this is awaited.
#[must_use = "nothing is sent before it is awaited"]
#[derive(Debug)]
pub struct SendSignal {
    thread: ThreadHandle,
    name: String,
    content: Result<Value, serde_json::Error>,
    id: Option<String>,
    holds: bool,
    expires_after: Option<Duration>,
    after: Option<Duration>,
}

/// A message that is about to be sent, from [`ThreadHandle::send`]. It is stored once this is awaited.
#[must_use = "nothing is sent before it is awaited"]
#[derive(Debug)]
pub struct SendMessage {
    thread: ThreadHandle,
    message: Message,
    id: Option<String>,
}

impl ThreadHandle {
    /// Sends a signal into the thread: its `#[on_signal]` handler runs in the order of the thread's
    /// events, with session and all, and answers the person as usual.
    ///
    /// It is durable when the returned future is ready: it is handled also if the process dies the
    /// moment after. With an [`id`](SendSignal::id) it is stored once, however often it is sent.
    ///
    /// ```no_run
    /// use handover_runtime::{SignalData, Threads};
    ///
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// struct Shipped { order: u64 }
    ///
    /// impl SignalData for Shipped {
    ///     const NAME: &str = "shipped";
    /// }
    ///
    /// # async fn example(threads: Threads) -> Result<(), Box<dyn std::error::Error>> {
    /// let thread = threads.of("1744550565845823", "1254477777772919");
    /// thread.signal(&Shipped { order: 42 }).id("shipped-42").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn signal<T: SignalData>(&self, signal: &T) -> SendSignal {
        SendSignal {
            content: serde_json::to_value(signal),
            ..self.signal_named(T::NAME, Value::Null)
        }
    }

    /// The same, where only the name is known: as other programs send it.
    pub(crate) fn signal_named(&self, name: impl Into<String>, content: Value) -> SendSignal {
        SendSignal {
            thread: self.clone(),
            name: name.into(),
            content: Ok(content),
            id: None,
            holds: false,
            expires_after: None,
            after: None,
        }
    }

    /// Sends a message to the person, for which no handler is needed.
    ///
    /// It is durable when the returned future is ready, and sent in the order of the thread's other
    /// messages, except those that are held. While another app has the thread, or the 24-hour window is closed, it is refused, or
    /// what [`hold_until_back`](Message::hold_until_back) and
    /// [`outside_window`](Message::outside_window) say is done; the receipt and `#[on_send_failed]`
    /// tell.
    ///
    /// ```no_run
    /// use handover_runtime::{Message, Threads};
    ///
    /// # async fn example(threads: Threads) -> Result<(), Box<dyn std::error::Error>> {
    /// let thread = threads.of("1744550565845823", "1254477777772919");
    /// let ready = Message::text("Your table is ready.").hold_until_back();
    /// let receipt = thread.send(ready).id("table-7").await?;
    /// # let _ = receipt;
    /// # Ok(())
    /// # }
    /// ```
    pub fn send(&self, message: impl Into<Message>) -> SendMessage {
        SendMessage {
            thread: self.clone(),
            message: message.into(),
            id: None,
        }
    }

    /// Returns the receipt of the signal or message that was sent into this thread with this id; `None` if
    /// there is none, or it was long ago.
    ///
    /// # Errors
    ///
    /// If the store cannot be read.
    pub async fn receipt(&self, id: &str) -> Result<Option<Receipt>, SubmitError> {
        let journal = &self.threads.inner.journal;
        let stored = journal.receipt(self.key.clone(), id.to_owned()).await?;
        let threads = self.threads.clone();
        Ok(stored.map(|stored| Receipt::new(threads, stored, false)))
    }

    /// The product of the thread and the limits of its account, if the bot speaks for it.
    async fn account(&self) -> Result<(Object, Limits), SubmitError> {
        if self.key.party == ThreadParty::Account {
            return Err(SubmitError::NoPerson);
        }
        let inner = &self.threads.inner;
        let account = &self.key.account;
        let known = inner.accounts.product_of(account, false).await;
        let found = match known.map_err(SubmitError::TokenStore)? {
            Some(found) => Some(found),
            None => {
                let state = self.state().await?;
                let is_known = state != ThreadState::default();
                let found = inner.accounts.product_of(account, is_known).await;
                found.map_err(SubmitError::TokenStore)?
            }
        };
        let (product, known) = found.ok_or_else(|| SubmitError::UnknownAccount {
            account: account.clone(),
        })?;
        Ok((product, known.settings.limits))
    }

    async fn submit(&self, submission: Submission) -> Result<Receipt, SubmitError> {
        let inner = &self.threads.inner;
        let (submitted, ready) = inner.journal.submit(submission).await?;
        inner.wake.up(ready);
        let receipt = submitted.receipt;
        if submitted.found == SubmitStatus::Other {
            return Err(SubmitError::IdConflict {
                first: what(&receipt),
                id: receipt.id,
            });
        }
        let is_new = submitted.found == SubmitStatus::New;
        Ok(Receipt::new(self.threads.clone(), receipt, is_new))
    }
}

/// What an id was used for.
pub(super) fn what(receipt: &StoredReceipt) -> String {
    match &receipt.signal {
        Some(signal) => format!("another signal `{signal}`"),
        None => "another message".to_owned(),
    }
}

impl SendSignal {
    /// Sets an idempotency key: a signal that is sent again with this id in this thread is stored once,
    /// and returns the first receipt. Other content with the same id is
    /// [an error](SubmitError::IdConflict). An id is remembered as long as its receipt.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Holds the signal while a human or another app owns the thread or answers in it; the handler runs
    /// when the bot may write again. Other events of the thread do not wait.
    ///
    /// It is given up after 24 hours, or the time of [`expires_after`](Self::expires_after). Without
    /// this, the handler runs at once, and what becomes of its messages they say themselves.
    pub fn hold_until_back(mut self) -> Self {
        self.holds = true;
        self
    }

    /// Sets an expiry: a signal that was not handled within this time from now becomes a dead letter.
    pub fn expires_after(mut self, time: Duration) -> Self {
        self.expires_after = Some(time);
        self
    }

    /// Delays the signal by this time.
    pub fn after(mut self, time: Duration) -> Self {
        self.after = Some(time);
        self
    }

    async fn store(self) -> Result<Receipt, SubmitError> {
        let Self {
            thread,
            name,
            content,
            id,
            holds,
            expires_after,
            after,
        } = self;
        let id = id_or_fresh(id)?;
        let content = match content {
            Ok(content) => content,
            Err(source) => return Err(SubmitError::Unwritable { name, source }),
        };
        let (object, _) = thread.account().await?;
        let now = thread.threads.clock().now();
        let signal = NewSignal {
            name,
            content,
            id: Some(id),
            holds,
            expires_after,
            after,
        };
        let submission = signal.submission(thread.key.clone(), object, now)?;
        thread.submit(submission).await
    }
}

/// A signal as it is sent, whoever sends it.
pub(super) struct NewSignal {
    pub(super) name: String,
    pub(super) content: Value,
    pub(super) id: Option<String>,
    pub(super) holds: bool,
    pub(super) expires_after: Option<Duration>,
    pub(super) after: Option<Duration>,
}

impl NewSignal {
    /// What is stored of it.
    pub(super) fn submission(
        self,
        thread: ThreadKey,
        object: Object,
        now: Timestamp,
    ) -> Result<Submission, SubmitError> {
        let Self {
            name,
            content,
            id,
            holds,
            expires_after,
            after,
        } = self;
        let id = id_or_fresh(id)?;
        let text = content.to_string();
        if text.len() > SubmitError::LONGEST_CONTENT {
            return Err(SubmitError::TooLong { bytes: text.len() });
        }
        let digest = json!({
            "signal": name,
            "content": text,
            "holds": holds,
            "expires_after": expires_after,
            "after": after,
        });
        let due = after.map(|time| now + time);
        let time = expires_after.or(holds.then_some(HELD_FOR));
        let event = SignalEvent {
            name,
            id: Some(id.clone()),
            content,
            holds,
            expires_at: time.map(|time| due.unwrap_or(now) + time),
            ..SignalEvent::default()
        };
        let event = InternalEvent::new(object, InternalEventBody::Signal(Box::new(event)));
        Ok(Submission {
            thread,
            id,
            digest: DedupeKey::of(&digest.to_string()),
            content: Submitted::Signal(event, due),
        })
    }
}

impl SendMessage {
    /// Sets an idempotency key: a message that is sent again with this id in this thread is stored once,
    /// and returns the first receipt. Another message with the same id is
    /// [an error](SubmitError::IdConflict). An id is remembered as long as its receipt.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    async fn store(self) -> Result<Receipt, SubmitError> {
        let Self {
            thread,
            message,
            id,
        } = self;
        let id = id_or_fresh(id)?;
        let (object, limits) = thread.account().await?;
        let digest = DedupeKey::of(&fields_of(&message).to_string());
        let composer = Composer {
            thread: &thread.key,
            object: &object,
            limits,
            now: thread.threads.clock().now(),
            sender: "Threads::send",
            answers_itself: false,
        };
        let calls = composer.calls(message).map_err(|_| SubmitError::NoPerson)?;
        let calls: Result<Vec<_>, _> = calls.into_iter().collect();
        let mut calls = calls.map_err(SubmitError::Limit)?;
        if calls.is_empty() {
            return Err(SubmitError::EmptyMessage);
        }
        // Its parts stay together, and end together.
        let outcome = fastrand::u64(1..=u64::MAX >> 1);
        for call in &mut calls {
            call.outcome = outcome;
        }
        let submission = Submission {
            thread: thread.key.clone(),
            id,
            digest,
            content: Submitted::Calls(calls),
        };
        thread.submit(submission).await
    }
}

fn id_or_fresh(id: Option<String>) -> Result<String, SubmitError> {
    let Some(id) = id else {
        return Ok(format!("{:016x}", fastrand::u64(..)));
    };
    let length = id.chars().count();
    let is_one =
        (1..=SubmitError::LONGEST_ID).contains(&length) && !id.chars().any(char::is_control);
    if is_one {
        Ok(id)
    } else {
        Err(SubmitError::InvalidId)
    }
}

/// All that makes a message another one.
fn fields_of(message: &Message) -> Value {
    let Message { content, options } = message;
    let options = options.as_deref().map(|options| {
        json!({
            "recipient": options.recipient,
            "tag": options.tag,
            "template": options.template,
            "holds": options.holds,
            "expires_after": options.expires_after,
            "otherwise": options.otherwise.as_ref().map(fields_of),
        })
    });
    json!({ "message": content, "options": options })
}

impl IntoFuture for SendSignal {
    type Output = Result<Receipt, SubmitError>;
    type IntoFuture = Boxed<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.store())
    }
}

impl IntoFuture for SendMessage {
    type Output = Result<Receipt, SubmitError>;
    type IntoFuture = Boxed<Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.store())
    }
}
