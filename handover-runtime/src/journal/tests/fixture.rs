//! Events, calls and journals to test with.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use crate::clock::Clock;
use crate::graph::Call;
use crate::internal_event::{InternalEvent, InternalEventBody, SignalEvent, ThreadEvent};
use crate::journal::{
    CallResult, Claim, DedupeKey, Due, FinishedCall, Journal, NewEvent, OutboxCall, QueuedCall,
    Retention, Settlement, ThreadRelease,
};
use crate::journal_file::Inspector;
use crate::thread::ThreadKey;
use handover_protocol::{
    AppId, Channel, Event, EventBody, Message, Object, OutgoingMessage, Party,
    PassThreadControlRequest, Received, Recipient, SendRequest, TakeThreadControlRequest,
    Timestamp,
};

pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
const PAGE: &str = "1744550565845823";

/// A journal, and how to open it again as the next process would.
pub(crate) struct Fixture {
    pub(crate) journal: Journal,
    directory: Option<TestDirectory>,
    #[cfg(feature = "postgres")]
    address: Option<crate::journal::PostgresAddress>,
}

impl Fixture {
    pub(crate) fn memory() -> Self {
        Self {
            journal: Journal::in_memory(Clock::default()),
            directory: None,
            #[cfg(feature = "postgres")]
            address: None,
        }
    }

    pub(crate) fn sqlite() -> Self {
        let directory = TestDirectory::new();
        Self {
            journal: open(&directory.journal()),
            directory: Some(directory),
            #[cfg(feature = "postgres")]
            address: None,
        }
    }

    #[cfg(feature = "postgres")]
    pub(crate) fn postgres() -> Self {
        let server = handover_testkit::postgres::Postgres::shared();
        let address = server.fresh_address().parse().unwrap();
        Self {
            journal: connect(&address),
            directory: None,
            address: Some(address),
        }
    }

    /// One of each storage.
    pub(crate) fn both() -> Vec<Self> {
        vec![
            Self::memory(),
            Self::sqlite(),
            #[cfg(feature = "postgres")]
            Self::postgres(),
        ]
    }

    /// Closes the journal and opens it again. One that is in memory stays as it is.
    pub(crate) async fn reopen(&mut self) {
        if let Some(directory) = &self.directory {
            self.journal.close().await.unwrap();
            self.journal = open(&directory.journal());
        }
        #[cfg(feature = "postgres")]
        if let Some(address) = &self.address {
            self.journal.close().await.unwrap();
            self.journal = connect(address);
        }
    }

    /// The file, if it is in one.
    pub(crate) fn file(&self) -> Option<PathBuf> {
        self.directory.as_ref().map(TestDirectory::journal)
    }

    pub(crate) fn name(&self) -> &'static str {
        #[cfg(feature = "postgres")]
        if self.address.is_some() {
            return "PostgreSQL";
        }
        match self.directory {
            Some(_) => "SQLite",
            None => "`memory:`",
        }
    }

    /// What reads it beside the bot, as commands do; `None` of one in memory.
    pub(crate) fn inspector(&self) -> Option<Inspector> {
        #[cfg(feature = "postgres")]
        if let Some(address) = &self.address {
            return Some(Inspector::connect(address).unwrap());
        }
        Some(Inspector::open(self.file()?).unwrap())
    }

    pub(crate) fn outlives_the_process(&self) -> bool {
        self.journal.outlives_the_process()
    }

    /// Lets every commit with a call fail, as a full disk does, or stops that.
    pub(crate) fn refuse_calls(&self, refuses: bool) {
        if let Some(file) = self.file() {
            let change = match refuses {
                true => {
                    "CREATE TRIGGER full BEFORE INSERT ON call BEGIN SELECT RAISE(ABORT, 'full'); END"
                }
                false => "DROP TRIGGER full",
            };
            let file = rusqlite::Connection::open(file).unwrap();
            file.busy_timeout(Duration::from_secs(10)).unwrap();
            file.execute_batch(change).unwrap();
        }
        #[cfg(feature = "postgres")]
        if let Some(address) = &self.address {
            let schema = schema(address);
            let change = match refuses {
                true => format!(
                    "CREATE FUNCTION {schema}.full() RETURNS trigger LANGUAGE plpgsql
                       AS 'BEGIN RAISE EXCEPTION ''full''; END';
                     CREATE TRIGGER full_disk BEFORE INSERT ON {schema}.call
                       FOR EACH ROW EXECUTE FUNCTION {schema}.full()"
                ),
                false => format!("DROP FUNCTION {schema}.full CASCADE"),
            };
            let server = handover_testkit::postgres::Postgres::shared();
            server.query(&change).unwrap();
        }
    }
}

fn open(path: &Path) -> Journal {
    Journal::open_with_retention(path, retention(), Clock::default()).unwrap()
}

/// What happens at [`NOW`] is years old, and kept all the same.
fn retention() -> Retention {
    Retention::default().seen(Duration::from_secs(100 * 365 * 24 * 3600))
}

#[cfg(feature = "postgres")]
pub(crate) fn connect(address: &crate::journal::PostgresAddress) -> Journal {
    Journal::connect(address, retention(), Clock::default()).unwrap()
}

/// The schema that an address names.
#[cfg(feature = "postgres")]
pub(crate) fn schema(address: &crate::journal::PostgresAddress) -> String {
    let text = address.to_string();
    let (_, schema) = text.split_once("schema ").unwrap();
    schema.trim_end_matches(')').to_owned()
}

/// An empty directory; dropping it deletes it with all that is in it.
pub(crate) struct TestDirectory(PathBuf);

impl TestDirectory {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let number = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("handover-journal-{}-{number}", std::process::id());
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).unwrap();
        Self(directory)
    }

    /// Where a journal can be in it.
    pub(crate) fn journal(&self) -> PathBuf {
        self.0.join("handover.db")
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TestDirectory {
    fn drop(&mut self) {
        // What is left does no harm.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn thread(person: usize) -> ThreadKey {
    ThreadKey::new(PAGE, person.to_string())
}

/// A message of this person; its dedupe key is the text.
pub(crate) fn says(person: usize, text: &str) -> NewEvent {
    let thread = thread(person);
    NewEvent {
        also_known_as: None,
        dedupe_key: DedupeKey::of(&format!("{person}/{text}")),
        received: Arc::new(Received {
            object: Object::Page,
            account: thread.account.clone(),
            channel: Channel::Messaging,
            time: None,
            extra: serde_json::Map::new(),
            event: Event {
                sender: Some(Party::id(person.to_string())),
                body: EventBody::Message(Message {
                    text: Some(text.to_owned()),
                    ..Message::default()
                }),
                ..Event::default()
            },
        }),
        thread,
        received_at: NOW,
        confirms: None,
        content: None,
    }
}

/// An echo of a message to a person.
pub(crate) fn echo(person: usize, text: &str) -> NewEvent {
    let mut new = says(person, text);
    let received = Arc::make_mut(&mut new.received);
    if let EventBody::Message(message) = std::mem::take(&mut received.event.body) {
        received.event.body = EventBody::Echo(message);
    }
    new
}

/// What a person said, or the name of a timer or a signal.
pub(crate) fn text_of(event: &ThreadEvent) -> &str {
    match event {
        ThreadEvent::Platform(received) => match &received.event.body {
            EventBody::Message(message) => message.text.as_deref().unwrap(),
            other => panic!("{other:?}"),
        },
        ThreadEvent::Own(own) => match &own.body {
            InternalEventBody::Timer { name, .. } => name,
            InternalEventBody::Signal(signal) => &signal.name,
            other => panic!("{other:?}"),
        },
    }
}

/// A timer of this name ran out.
pub(crate) fn timer(name: &str) -> Arc<InternalEvent> {
    Arc::new(InternalEvent {
        object: Object::Page,
        body: InternalEventBody::Timer {
            name: name.to_owned(),
            after_failed_send: false,
        },
    })
}

/// A signal of this name.
pub(crate) fn signal(name: &str) -> Arc<InternalEvent> {
    let signal = SignalEvent {
        name: name.to_owned(),
        ..SignalEvent::default()
    };
    InternalEvent::new(Object::Page, InternalEventBody::Signal(Box::new(signal)))
}

/// What a call says, or its name if that is nothing.
pub(crate) fn name_of(call: &OutboxCall) -> String {
    let text = match &*call.call {
        Call::Messages(send) => send.message.as_ref().and_then(|it| it.text.clone()),
        _ => None,
    };
    text.unwrap_or_else(|| call.call.name().to_owned())
}

pub(crate) fn send(person: usize, text: &str) -> QueuedCall {
    let call = Call::Messages(SendRequest {
        recipient: Recipient::id(person.to_string()),
        message: Some(OutgoingMessage::text(text)),
        ..SendRequest::default()
    });
    QueuedCall::new(call, Object::Page)
}

pub(crate) fn pass(person: usize) -> QueuedCall {
    let call = Call::PassThreadControl(PassThreadControlRequest {
        recipient: Recipient::id(person.to_string()),
        target_app_id: Some(AppId::PAGE_INBOX),
        ..PassThreadControlRequest::default()
    });
    QueuedCall::new(call, Object::Page)
}

pub(crate) fn take(person: usize) -> QueuedCall {
    let call = Call::TakeThreadControl(TakeThreadControlRequest {
        recipient: Recipient::id(person.to_string()),
        ..TakeThreadControlRequest::default()
    });
    QueuedCall::new(call, Object::Page)
}

pub(crate) fn release(person: usize) -> Vec<ThreadRelease> {
    vec![ThreadRelease {
        thread: thread(person),
        until: None,
    }]
}

pub(crate) fn due(limit: usize) -> Due {
    Due {
        now: NOW,
        limit,
        ..Due::default()
    }
}

pub(crate) fn finished(id: u64, person: usize, result: CallResult) -> Vec<FinishedCall> {
    vec![FinishedCall::new(id, thread(person), result, NOW)]
}

/// Appends what a person said and settles it with these calls.
pub(crate) async fn answered(journal: &Journal, person: usize, text: &str, calls: Vec<QueuedCall>) {
    journal.append(vec![says(person, text)], 0).await.unwrap();
    let claim = claim_one(journal).await;
    let settlement = Settlement {
        calls,
        ..Settlement::of(claim.thread, vec![claim.events[0].sequence])
    };
    journal.settle(vec![settlement], Vec::new()).await.unwrap();
    journal.settle(Vec::new(), release(person)).await.unwrap();
}

pub(crate) async fn claim_one(journal: &Journal) -> Claim {
    journal.claim(NOW, 1).await.unwrap().items.remove(0)
}

pub(crate) async fn start_one(journal: &Journal, now: Timestamp) -> Option<OutboxCall> {
    let mut asked = due(1);
    asked.now = now;
    journal.start_calls(asked).await.unwrap().items.pop()
}

/// Asks two things while the journal does something else, so that they are one commit, in this order. One in
/// memory has no thread for that, and waits for ever.
pub(crate) async fn in_one_commit<A, B>(
    journal: &Journal,
    first: impl Future<Output = A>,
    second: impl Future<Output = B>,
) -> (A, B) {
    let (begin, begun) = tokio::sync::oneshot::channel();
    let (free, freed) = std::sync::mpsc::channel();
    let busy = journal.read(move |_| {
        begin.send(()).unwrap();
        Ok(freed.recv())
    });
    let both = async {
        begun.await.unwrap();
        tokio::join!(first, second, async { free.send(()).unwrap() })
    };
    let (_, (first, second, ())) = tokio::join!(busy, both);
    (first, second)
}
