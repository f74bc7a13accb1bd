//! Messages of many persons, signed and posted over many connections.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::bots::{PAGE, SECRET};

/// What is posted.
#[derive(Clone, Copy)]
pub(crate) struct Load {
    pub(crate) connections: u64,
    /// Messages in one body.
    pub(crate) batch: u64,
    pub(crate) persons: u64,
    pub(crate) text: &'static str,
    pub(crate) bodies: u64,
}

/// No two messages of one run of this program are the same.
static NEXT: AtomicU64 = AtomicU64::new(0);

impl Load {
    pub(crate) fn messages(&self) -> u64 {
        self.bodies * self.batch
    }

    /// Posts everything as fast as it is acknowledged; how long that took.
    pub(crate) async fn post(self, address: &str) -> Duration {
        let left = Arc::new(AtomicU64::new(self.bodies));
        let address = Arc::new(address.to_owned());
        let begun = Instant::now();
        let posting = (0..self.connections).map(|_| {
            let (left, address) = (left.clone(), address.clone());
            tokio::spawn(async move {
                let mut connection = Connection::open(&address).await;
                while left
                    .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1))
                    .is_ok()
                {
                    connection.post(&self.body()).await;
                }
            })
        });
        for connection in posting.collect::<Vec<_>>() {
            connection.await.unwrap();
        }
        begun.elapsed()
    }

    /// The next body.
    pub(crate) fn body(&self) -> String {
        let items: Vec<_> = (0..self.batch)
            .map(|_| {
                let number = NEXT.fetch_add(1, Ordering::Relaxed);
                item(number, number % self.persons, self.text)
            })
            .collect();
        format!(
            r#"{{"object":"page","entry":[{{"id":"{PAGE}","time":1458692752478,"messaging":[{}]}}]}}"#,
            items.join(",")
        )
    }
}

/// A message as the platform sends it, with all that comes along.
pub(crate) fn item(number: u64, person: u64, text: &str) -> String {
    format!(
        r#"{{"sender":{{"id":"{}"}},"recipient":{{"id":"{PAGE}"}},"timestamp":1458692752478,"message":{{"mid":"m_{}-{number:016}AG5Hz2Uq7tuwNEhXfYYKj8mJEM_QPpz5jdCK48PnKAjSdjfipqxqMvK8ma6AC8fplwlqLP_5cgXIbu7I3rBN0P","text":"{text}","nlp":{{"intents":[],"entities":{{}},"traits":{{}},"detected_locales":[{{"locale":"en_XX","confidence":0.5}}]}}}}}}"#,
        5_000_000_000_000_000 + person,
        std::process::id(),
    )
}

/// One connection that is kept open.
pub(crate) struct Connection {
    stream: TcpStream,
    key: Hmac<Sha256>,
    received: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Self {
            stream,
            key: Hmac::new_from_slice(SECRET.as_bytes()).unwrap(),
            received: Vec::with_capacity(1024),
        }
    }

    /// Posts a body and waits for 200.
    pub(crate) async fn post(&mut self, body: &str) {
        let signature = hex::encode(self.key.clone().chain_update(body).finalize().into_bytes());
        let request = format!(
            "POST /webhook HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\nx-hub-signature-256: sha256={signature}\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.received.clear();
        loop {
            assert_ne!(
                self.stream.read_buf(&mut self.received).await.unwrap(),
                0,
                "it hung up"
            );
            if let Some(length) = answer_in(&self.received) {
                assert!(
                    self.received.starts_with(b"HTTP/1.1 200"),
                    "{}",
                    String::from_utf8_lossy(&self.received)
                );
                assert_eq!(length, self.received.len());
                return;
            }
        }
    }
}

/// How long the answer is, once it is whole.
pub(crate) fn answer_in(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head]).unwrap();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let body: usize = length.map_or(0, |length| length.parse().unwrap());
    (bytes.len() >= head + body).then_some(head + body)
}
