//! Recording of webhooks and calls, to compare the simulator with the platform.
//!
//! Without a recording, each of the two places that record has one comparison with `None` to make. With one,
//! what they hand over is copied into a queue of limited size, and another thread replaces ids, names and
//! texts and writes. What does not fit in the queue is counted and left out.

mod pseudonym;
mod sanitize;

use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::time::Duration;

use bytes::Bytes;
use handover_protocol::{AppId, Timestamp};
use hyper::{Method, Uri};
use serde_json::{Value, json};
use tokio::sync::oneshot;

use crate::clock::Clock;
use pseudonym::Pseudonyms;

/// Version of the format, as `handover-sim check` reads it.
const VERSION: u64 = 1;
/// How many records may wait to be written.
const QUEUE: usize = 1024;
/// How many bytes of them.
const QUEUE_BYTES: usize = 16 * 1024 * 1024;
/// The longest recording, in bytes: what `handover-sim check` reads.
const LONGEST: u64 = 256 * 1024 * 1024;
/// How many recordings of one name are kept beside each other.
const MOST_FILES: usize = 1000;
/// How long the end of a bot waits for what is still to be written.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// A recording that is being written. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Recorder(Arc<RecordQueue>);

struct RecordQueue {
    records: SyncSender<Record>,
    clock: Clock,
    /// Bytes that wait.
    bytes: Arc<AtomicUsize>,
    /// Records that did not fit.
    lost: Arc<AtomicU64>,
}

enum Record {
    Webhook { at: Timestamp, body: Bytes },
    Call(Box<GraphCallRecord>),
    End(oneshot::Sender<()>),
}

/// A call of the Graph API, as it was made.
pub(crate) struct GraphCallRecord {
    pub(crate) at: Timestamp,
    pub(crate) took: Duration,
    pub(crate) account: String,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// The body and its media type.
    pub(crate) body: Option<(Bytes, bool)>,
    /// Status, header `Date` and body. `None`: there was no answer.
    pub(crate) answer: Option<(u16, Option<String>, Vec<u8>)>,
}

impl GraphCallRecord {
    fn len(&self) -> usize {
        let body = self.body.as_ref().map_or(0, |(body, _)| body.len());
        body + self.answer.as_ref().map_or(0, |(.., answer)| answer.len())
    }
}

impl Recorder {
    /// Begins a recording in this file, or beside it if there is one already.
    pub(crate) fn start(path: &Path, app: &AppId, clock: Clock) -> io::Result<Self> {
        let (mut file, path) = create(path)?;
        let names = Pseudonyms::random()?;
        let start = json!({
            "handover_recording": VERSION,
            "app": names.id(app.as_str()),
            "at": clock.now().as_millis(),
            "handover": env!("CARGO_PKG_VERSION"),
        });
        let line = format!("{start}\n");
        file.write_all(line.as_bytes())?;
        let (records, waiting) = sync_channel(QUEUE);
        let (bytes, lost) = (Arc::default(), Arc::default());
        let writer = RecordWriter {
            file,
            path: path.clone(),
            names,
            written: line.len() as u64,
            bytes: Arc::clone(&bytes),
            lost: Arc::clone(&lost),
        };
        std::thread::Builder::new()
            .name("recording".to_owned())
            .spawn(move || writer.run(&waiting))?;
        tracing::info!(path = %path.display(), "webhooks and calls are recorded, without secrets, ids, names and texts");
        Ok(Self(Arc::new(RecordQueue {
            records,
            clock,
            bytes,
            lost,
        })))
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Records a webhook whose signature is right.
    pub(crate) fn webhook(&self, body: &Bytes) {
        let at = self.now();
        self.put(body.len(), || Record::Webhook {
            at,
            body: body.clone(),
        });
    }

    /// Records a call and its answer.
    pub(crate) fn call(&self, call: GraphCallRecord) {
        self.put(call.len(), || Record::Call(Box::new(call)));
    }

    fn put(&self, length: usize, record: impl FnOnce() -> Record) {
        let queue = &*self.0;
        let waiting = queue.bytes.fetch_add(length, Ordering::Relaxed);
        let fits = waiting.saturating_add(length) <= QUEUE_BYTES;
        let sent = if fits {
            queue.records.try_send(record())
        } else {
            Ok(())
        };
        let is_full = matches!(sent, Err(TrySendError::Full(_)));
        if !fits || sent.is_err() {
            queue.bytes.fetch_sub(length, Ordering::Relaxed);
        }
        if !fits || is_full {
            queue.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Ends the recording, and waits a moment until it is written.
    pub(crate) async fn end(&self) {
        let (written, is_written) = oneshot::channel();
        // A full queue is written without the last line.
        if self.0.records.try_send(Record::End(written)).is_ok() {
            let _ = tokio::time::timeout(LAST_WAIT, is_written).await;
        }
    }
}

/// Creates the file, or `name-2.jsonl` and so on: an earlier recording is kept.
fn create(path: &Path) -> io::Result<(File, PathBuf)> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let end = path
        .extension()
        .map(|end| format!(".{}", end.to_string_lossy()));
    let end = end.unwrap_or_default();
    for number in 1..=MOST_FILES {
        let path = match number {
            1 => path.to_owned(),
            number => path.with_file_name(format!("{stem}-{number}{end}")),
        };
        match options.open(&path) {
            Ok(file) => return Ok((file, path)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// Writes the lines, in its own thread.
struct RecordWriter {
    file: File,
    path: PathBuf,
    names: Pseudonyms,
    written: u64,
    bytes: Arc<AtomicUsize>,
    lost: Arc<AtomicU64>,
}

impl RecordWriter {
    /// Until the bot ends, the file is full, or it cannot be written.
    fn run(mut self, records: &Receiver<Record>) {
        if let Err(error) = self.write_all(records) {
            let path = self.path.display();
            tracing::error!(%path, %error, "the recording ends: it cannot be written");
        }
    }

    fn write_all(&mut self, records: &Receiver<Record>) -> io::Result<()> {
        loop {
            let record = match records.try_recv() {
                Ok(record) => record,
                Err(TryRecvError::Disconnected) => return Ok(()),
                Err(TryRecvError::Empty) => match records.recv() {
                    Ok(record) => record,
                    Err(_) => return Ok(()),
                },
            };
            let lost = self.lost.swap(0, Ordering::Relaxed);
            if lost > 0 {
                self.line(&json!({"type": "lost", "lines": lost}))?;
            }
            let (length, line) = match record {
                Record::Webhook { at, body } => {
                    (body.len(), sanitize::webhook(&self.names, at, &body))
                }
                Record::Call(call) => (call.len(), Some(sanitize::call(&self.names, &call))),
                Record::End(written) => {
                    self.line(&json!({"type": "end"}))?;
                    let _ = written.send(());
                    return Ok(());
                }
            };
            self.bytes.fetch_sub(length, Ordering::Relaxed);
            if let Some(line) = line {
                self.line(&line)?;
            }
            if self.written > LONGEST - 64 * 1024 {
                self.line(&json!({"type": "end"}))?;
                let path = self.path.display();
                tracing::warn!(%path, bytes = self.written, "the recording ends: it is as long as it may be");
                return Ok(());
            }
        }
    }

    fn line(&mut self, line: &Value) -> io::Result<()> {
        let line = format!("{line}\n");
        let length = line.len() as u64;
        if self.written + length > LONGEST {
            return Ok(());
        }
        self.file.write_all(line.as_bytes())?;
        self.written += length;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn writer(file: File, queue: &RecordQueue) -> RecordWriter {
        RecordWriter {
            file,
            path: PathBuf::from("recording"),
            names: Pseudonyms::random().unwrap(),
            written: 0,
            bytes: Arc::clone(&queue.bytes),
            lost: Arc::clone(&queue.lost),
        }
    }

    fn recorder(room: usize) -> (Recorder, Receiver<Record>) {
        let (records, waiting) = sync_channel(room);
        let queue = RecordQueue {
            records,
            clock: Clock::default(),
            bytes: Arc::default(),
            lost: Arc::default(),
        };
        (Recorder(Arc::new(queue)), waiting)
    }

    const BODY: Bytes = Bytes::from_static(b"{\"object\":\"page\",\"entry\":[]}");

    /// Nobody waits for the disk: what does not fit is counted, and the number is in the file.
    #[test]
    fn what_does_not_fit_is_left_out_and_counted() {
        let (recorder, waiting) = recorder(2);
        for _ in 0..5 {
            recorder.webhook(&BODY);
        }
        let path = std::env::temp_dir().join(format!("handover-record-{}", fastrand::u64(..)));
        let file = File::create(&path).unwrap();
        let mut writer = writer(file, &recorder.0);
        drop(recorder);
        writer.write_all(&waiting).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(path).unwrap();
        let kinds: Vec<Value> = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap()["type"].take())
            .collect();
        assert_eq!(kinds, ["lost", "webhook", "webhook"]);
        assert!(text.starts_with("{\"lines\":3,"), "{text}");
        assert_eq!(writer.bytes.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn long_bodies_do_not_fill_the_memory() {
        let (recorder, _waiting) = recorder(100);
        let body = Bytes::from(vec![b' '; 6 * 1024 * 1024]);
        for _ in 0..5 {
            recorder.webhook(&body);
        }
        assert_eq!(recorder.0.lost.load(Ordering::Relaxed), 3);
        assert!(recorder.0.bytes.load(Ordering::Relaxed) <= QUEUE_BYTES);
    }

    /// A full disk ends the recording, and nothing else.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_does_not_stop_the_bot() {
        let (recorder, waiting) = recorder(2);
        let full = File::options().write(true).open("/dev/full").unwrap();
        recorder.webhook(&BODY);
        writer(full, &recorder.0).run(&waiting);
        drop(waiting);
        for _ in 0..5 {
            recorder.webhook(&BODY);
        }
        assert_eq!(recorder.0.lost.load(Ordering::Relaxed), 0);
    }
}
