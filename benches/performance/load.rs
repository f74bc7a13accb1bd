//! Webhooks: signed before the measurement, then posted over many connections.

use std::net::SocketAddr;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::contenders::{PAGE, SECRET};

/// A person's id is this plus a number.
pub(crate) const FIRST_PERSON: u64 = 5_000_000_000_000_000;

/// Persons who write, unless each message is from another one.
pub(crate) const PERSONS: u64 = 1000;

/// Begins a message whose number follows.
pub(crate) const GREETING: &str = "hello ";

/// The longest time that a webhook may wait for its response.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a webhook holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// A receipt, to which no bot says anything.
    Read,
    /// A text that is repeated.
    Text,
    /// A text by a person who has not written before and wants an agent.
    Agent,
    /// 50 texts.
    Batch,
    /// A text, and 300 KB of what the platform has understood of it.
    Large,
    /// A text without a number.
    WarmUp,
}

impl Content {
    /// Events in one body.
    pub(crate) const fn events(self) -> u64 {
        match self {
            Self::Batch => 50,
            _ => 1,
        }
    }

    /// Calls of the Graph API that follow from one event.
    pub(crate) const fn calls(self) -> u64 {
        match self {
            Self::Read => 0,
            Self::Agent => 2,
            Self::Text | Self::Batch | Self::Large | Self::WarmUp => 1,
        }
    }
}

/// A request with a body that no other has.
pub(crate) struct Webhook {
    request: Vec<u8>,
    /// Numbers of its events.
    pub(crate) numbers: Range<u64>,
}

/// No two events of one run of this program are the same.
static NEXT: AtomicU64 = AtomicU64::new(0);

pub(crate) fn webhooks(content: Content, count: u64) -> Arc<[Webhook]> {
    (0..count).map(|_| webhook(content)).collect()
}

fn webhook(content: Content) -> Webhook {
    let first = NEXT.fetch_add(content.events(), Ordering::Relaxed);
    let numbers = first..first + content.events();
    // An entry has one event, as the platform sends them; some libraries read no more of it.
    let entries: Vec<_> = numbers
        .clone()
        .map(|number| {
            let event = event(content, number);
            format!(r#"{{"id":"{PAGE}","time":1458692752478,"messaging":[{event}]}}"#)
        })
        .collect();
    let body = format!(r#"{{"object":"page","entry":[{}]}}"#, entries.join(","));
    let mut sha256 = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    sha256.update(body.as_bytes());
    // The platform sends the old signature as well, and some libraries check only that.
    let mut sha1 = Hmac::<Sha1>::new_from_slice(SECRET.as_bytes()).unwrap();
    sha1.update(body.as_bytes());
    let request = format!(
        "POST /webhook HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         x-hub-signature: sha1={}\r\nx-hub-signature-256: sha256={}\r\ncontent-length: {}\r\n\r\n{body}",
        hex::encode(sha1.finalize().into_bytes()),
        hex::encode(sha256.finalize().into_bytes()),
        body.len()
    );
    Webhook {
        request: request.into_bytes(),
        numbers,
    }
}

/// An event as the platform sends it, with all that comes along.
fn event(content: Content, number: u64) -> String {
    let person = FIRST_PERSON
        + match content {
            Content::Agent => number,
            _ => number % PERSONS,
        };
    let text = match content {
        Content::Read => {
            let watermark = 1_458_668_856_253 + number;
            return format!(
                r#"{{"sender":{{"id":"{person}"}},"recipient":{{"id":"{PAGE}"}},"timestamp":1458668856463,"read":{{"watermark":{watermark}}}}}"#
            );
        }
        Content::Agent => "agent".to_owned(),
        Content::WarmUp => "good morning".to_owned(),
        Content::Text | Content::Batch | Content::Large => {
            format!("{GREETING}{number}, is my order on its way?")
        }
    };
    let found = r#"{"body":"order","confidence":0.93,"end":21,"entities":{},"id":"624173841772436","name":"order","role":"order","start":16,"suggested":true,"type":"value","value":"order"}"#;
    let entities = match content {
        Content::Large => vec![found; 300_000 / found.len()].join(","),
        _ => String::new(),
    };
    format!(
        r#"{{"sender":{{"id":"{person}"}},"recipient":{{"id":"{PAGE}"}},"timestamp":1458692752478,"message":{{"mid":"m_{}-{number:016}AG5Hz2Uq7tuwNEhXfYYKj8mJEM_QPpz5jdCK48PnKAjSdjfipqxqMvK8ma6AC8fplwlqLP_5cgXIbu7I3rBN0P","text":"{text}","nlp":{{"intents":[],"entities":{{"order:order":[{entities}]}},"traits":{{}},"detected_locales":[{{"locale":"en_XX","confidence":0.5}}]}}}}}}"#,
        std::process::id(),
    )
}

/// How webhooks are posted.
#[derive(Clone, Copy)]
pub(crate) struct Pace {
    pub(crate) connections: usize,
    /// Time between two webhooks; without it, a connection posts the next one once the last is
    /// acknowledged.
    pub(crate) every: Option<Duration>,
}

impl Pace {
    /// As fast as they are acknowledged.
    pub(crate) const FULL: Self = Self {
        connections: 32,
        every: None,
    };

    /// So many webhooks a second, whatever becomes of them.
    pub(crate) fn per_second(rate: u32) -> Self {
        Self {
            connections: 64,
            every: Some(Duration::from_secs(1) / rate),
        }
    }
}

/// A webhook that was acknowledged.
pub(crate) struct Posted {
    pub(crate) index: usize,
    pub(crate) at: Instant,
    pub(crate) acknowledged: Instant,
}

/// Posts all webhooks.
pub(crate) async fn post(
    address: SocketAddr,
    webhooks: &Arc<[Webhook]>,
    pace: Pace,
) -> Result<Vec<Posted>, String> {
    let next = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let posting = (0..pace.connections).map(|_| {
        let (next, webhooks) = (next.clone(), webhooks.clone());
        tokio::spawn(async move {
            let mut connection = Connection::to(address);
            let mut posted = Vec::new();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(webhook) = webhooks.get(index) else {
                    return Ok::<_, String>(posted);
                };
                let at = turn(begun, index, pace.every).await;
                connection.post(webhook).await?;
                posted.push(Posted {
                    index,
                    at,
                    acknowledged: Instant::now(),
                });
            }
        })
    });
    let mut all = Vec::with_capacity(webhooks.len());
    for connection in posting.collect::<Vec<_>>() {
        all.extend(connection.await.unwrap()?);
    }
    Ok(all)
}

/// Waits until a webhook is due. If its connection had no time for it until now, it was late already.
async fn turn(begun: Instant, index: usize, every: Option<Duration>) -> Instant {
    let now = Instant::now();
    let Some(every) = every else {
        return now;
    };
    let due = begun + every * u32::try_from(index).unwrap();
    if due <= now {
        return due;
    }
    tokio::time::sleep_until(due.into()).await;
    Instant::now()
}

/// A connection that is opened when it is needed, and again after the server has closed it.
pub(crate) struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    received: Vec<u8>,
}

impl Connection {
    pub(crate) fn to(address: SocketAddr) -> Self {
        Self {
            address,
            stream: None,
            received: Vec::with_capacity(1024),
        }
    }

    /// Posts a webhook and waits for 200.
    pub(crate) async fn post(&mut self, webhook: &Webhook) -> Result<(), String> {
        self.request(&webhook.request, "HTTP/1.1 200").await
    }

    /// Sends a request and waits for a response that begins so.
    pub(crate) async fn request(&mut self, request: &[u8], expected: &str) -> Result<(), String> {
        let exchange = async {
            // A server may close a connection that waits, in the moment in which it is used again.
            let answered = match &self.stream {
                Some(_) => self.exchange(request).await.is_ok(),
                None => false,
            };
            if !answered {
                self.stream = None;
                self.exchange(request).await?;
            }
            Ok::<_, std::io::Error>(())
        };
        tokio::time::timeout(PATIENCE, exchange)
            .await
            .map_err(|_| format!("no response within {PATIENCE:?}"))?
            .map_err(|error| format!("no response: {error}"))?;
        let response = String::from_utf8_lossy(&self.received);
        if !response.starts_with(expected) {
            let start: String = response.chars().take(300).collect();
            return Err(format!("a webhook is answered with {start:?}"));
        }
        if response.to_ascii_lowercase().contains("connection: close") {
            self.stream = None;
        }
        Ok(())
    }

    async fn exchange(&mut self, request: &[u8]) -> std::io::Result<()> {
        let stream = match &mut self.stream {
            Some(stream) => stream,
            closed => {
                let stream = TcpStream::connect(self.address).await?;
                stream.set_nodelay(true)?;
                closed.insert(stream)
            }
        };
        stream.write_all(request).await?;
        self.received.clear();
        while !is_whole(&self.received) {
            if stream.read_buf(&mut self.received).await? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(())
    }
}

/// Whether a response is there with all of its body.
fn is_whole(bytes: &[u8]) -> bool {
    let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") else {
        return false;
    };
    let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
    let mut lines = head.lines();
    let length = lines.find_map(|line| line.strip_prefix("content-length: "));
    let length: usize = length.map_or(0, |length| length.trim().parse().unwrap());
    bytes.len() >= end + 4 + length
}
