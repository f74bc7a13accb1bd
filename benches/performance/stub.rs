//! A Graph API that answers after a given time, and notes when which call arrived.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use handover_testkit::server::{self, Request, Response};
use tokio::net::TcpListener;

use crate::load::GREETING;

/// It runs on a thread of this process, which is not measured.
pub(crate) struct Stub {
    pub(crate) url: String,
    calls: Arc<Calls>,
}

#[derive(Default)]
struct Calls {
    count: AtomicU64,
    /// Milliseconds until a call is answered.
    delay: AtomicU64,
    noted: Mutex<Noted>,
}

#[derive(Default)]
pub(crate) struct Noted {
    /// When the answer to a message, or its handoff, arrived, by the number of the message.
    pub(crate) arrivals: HashMap<u64, Instant>,
    /// When the last call arrived.
    pub(crate) last: Option<Instant>,
}

impl Stub {
    pub(crate) fn start() -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let calls = Arc::<Calls>::default();
        let shared = calls.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                let listener = TcpListener::from_std(listener).unwrap();
                server::serve(listener, move |request| {
                    let calls = shared.clone();
                    async move { Some(answer(&calls, &request).await) }
                })
                .await;
            });
        });
        Self { url, calls }
    }

    /// Sets how long a call waits for its response.
    pub(crate) fn delay(&self, delay: Duration) {
        let milliseconds = u64::try_from(delay.as_millis()).unwrap();
        self.calls.delay.store(milliseconds, Ordering::Relaxed);
    }

    /// Calls so far.
    pub(crate) fn count(&self) -> u64 {
        self.calls.count.load(Ordering::Relaxed)
    }

    /// What arrived since this was asked last.
    pub(crate) fn take_noted(&self) -> Noted {
        std::mem::take(&mut *self.calls.noted.lock().unwrap())
    }

    /// Waits until so many calls have arrived.
    pub(crate) async fn wait(&self, calls: u64, limit: Duration) -> Result<(), String> {
        let begun = Instant::now();
        while self.count() < calls {
            if begun.elapsed() > limit {
                let missing = calls - self.count();
                return Err(format!("{missing} calls were not made within {limit:?}"));
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        Ok(())
    }
}

async fn answer(calls: &Calls, request: &Request) -> Response {
    let now = Instant::now();
    let is_pass = request.name() == "pass_thread_control";
    let subject = if is_pass {
        // The number of a person begins with a 5 and ends with that of the message.
        number_after(&request.body, b"\"5")
    } else {
        number_after(&request.body, GREETING.as_bytes())
    };
    {
        let mut noted = calls.noted.lock().unwrap();
        noted.last = Some(now);
        if let Some(number) = subject {
            noted.arrivals.entry(number).or_insert(now);
        }
    }
    let number = calls.count.fetch_add(1, Ordering::Relaxed);
    let delay = calls.delay.load(Ordering::Relaxed);
    if delay > 0 {
        tokio::time::sleep(Duration::from_millis(delay)).await;
    }
    let body = if is_pass {
        r#"{"success":true}"#.to_owned()
    } else {
        format!(r#"{{"recipient_id":"1","message_id":"m_{number}"}}"#)
    };
    Response::from(body).header("content-type", "application/json")
}

/// The digits behind some bytes, as a number.
fn number_after(body: &[u8], before: &[u8]) -> Option<u64> {
    let mut places = body.windows(before.len());
    let start = places.position(|bytes| bytes == before)? + before.len();
    let digits = body[start..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit());
    digits.fold(None, |number, digit| {
        Some(number.unwrap_or(0) * 10 + u64::from(digit - b'0'))
    })
}
