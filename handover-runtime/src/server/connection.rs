//! What a connection waits for: its client, which may be idle or slow, or the bot.

use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::{Request, Response};
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::service::Service as HyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Instant;
use tower_service::Service;

/// The connections of a server.
pub(super) struct Connections {
    began: Instant,
    all: Mutex<AllConnections>,
}

#[derive(Default)]
struct AllConnections {
    open: HashMap<u64, Arc<HttpConnection>>,
    /// Those that have waited longest when it was looked last, the longest at the end: to look through all for
    /// each would keep a server busy that many clients come to.
    longest: Vec<(Duration, u64)>,
    /// How many have been asked to close and are still open.
    ending: usize,
}

/// How many are looked up at a time.
const LONGEST: usize = 32;

/// One of them.
pub(super) struct HttpConnection {
    id: u64,
    began: Instant,
    /// [`WORKING`], or since when it waits for its client: milliseconds of the server and, as the lowest
    /// bit, whether a part of a request has come.
    waits: AtomicU64,
    end: Notify,
}

/// A whole request has come, and is not answered.
const WORKING: u64 = 0;

/// What a connection waits for from its client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wait {
    /// A request.
    Idle { since: Duration },
    /// The rest of one.
    Request { since: Duration },
}

impl Wait {
    fn since(self) -> Duration {
        let (Self::Idle { since } | Self::Request { since }) = self;
        since
    }
}

impl Default for Connections {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            all: Mutex::default(),
        }
    }
}

impl Connections {
    pub(super) fn add(&self) -> Arc<HttpConnection> {
        let mut all = self.lock();
        let id = fastrand::u64(..);
        let connection = Arc::new(HttpConnection {
            id,
            began: self.began,
            waits: AtomicU64::new(WORKING),
            end: Notify::new(),
        });
        connection.waits_for_request();
        all.open.insert(id, connection.clone());
        connection
    }

    pub(super) fn remove(&self, connection: &HttpConnection) {
        let mut all = self.lock();
        if all.open.remove(&connection.id).is_none() {
            all.ending -= 1;
        }
    }

    /// Ends the connection that has waited longest for its client, if one waits and no more than this many
    /// are about to end.
    pub(super) fn end_longest_waiting(&self, for_so_many: usize) {
        let mut all = self.lock();
        if all.ending >= for_so_many {
            return;
        }
        let mut looked = false;
        loop {
            let Some((since, id)) = all.longest.pop() else {
                if std::mem::replace(&mut looked, true) {
                    return;
                }
                let waiting = all.open.values();
                let waiting = waiting.filter_map(|one| Some((one.wait()?.since(), one.id)));
                let mut waiting: Vec<_> = waiting.collect();
                waiting.sort_unstable_by(|one, other| other.cmp(one));
                let surplus = waiting.len().saturating_sub(LONGEST);
                waiting.drain(..surplus);
                all.longest = waiting;
                continue;
            };
            let still =
                |one: &Arc<HttpConnection>| one.wait().is_some_and(|it| it.since() == since);
            if !all.open.get(&id).is_some_and(still) {
                continue;
            }
            if let Some(connection) = all.open.remove(&id) {
                all.ending += 1;
                connection.end.notify_one();
            }
            return;
        }
    }

    /// Ends connections whose client takes longer than this for a request, or sends none for longer.
    pub(super) fn end_late(&self, request: Duration, idle: Duration) {
        let now = self.began.elapsed();
        for connection in self.lock().open.values() {
            let is_late = match connection.wait() {
                Some(Wait::Idle { since }) => now.saturating_sub(since) > idle,
                Some(Wait::Request { since }) => now.saturating_sub(since) > request,
                None => false,
            };
            if is_late {
                connection.end.notify_one();
            }
        }
    }

    /// How many are open, and how many of them have sent nothing.
    #[cfg(test)]
    pub(super) fn open_and_silent(&self) -> (usize, usize) {
        let all = self.lock();
        let is_silent = |one: &&Arc<HttpConnection>| matches!(one.wait(), Some(Wait::Idle { .. }));
        let silent = all.open.values().filter(is_silent).count();
        (all.open.len(), silent)
    }

    fn lock(&self) -> MutexGuard<'_, AllConnections> {
        // It is whole after every statement.
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HttpConnection {
    /// Completes when the connection is to end.
    pub(super) async fn ended(&self) {
        self.end.notified().await;
    }

    pub(super) fn io(self: &Arc<Self>, stream: TcpStream) -> WatchedStream {
        WatchedStream {
            stream,
            connection: self.clone(),
        }
    }

    pub(super) fn service(self: &Arc<Self>, router: Router) -> WatchedService {
        WatchedService {
            router,
            connection: self.clone(),
        }
    }

    fn wait(&self) -> Option<Wait> {
        let waits = self.waits.load(Ordering::Relaxed);
        let since = Duration::from_millis(waits >> 1);
        match waits {
            WORKING => None,
            waits if waits & 1 == 0 => Some(Wait::Idle { since }),
            _ => Some(Wait::Request { since }),
        }
    }

    fn now(&self) -> u64 {
        let now = self.began.elapsed().as_millis();
        // Never 0, which means that it works.
        u64::try_from(now).unwrap_or(u64::MAX >> 1).max(1) << 1
    }

    fn waits_for_request(&self) {
        self.waits.store(self.now(), Ordering::Relaxed);
    }

    /// Bytes have come.
    fn hears(&self) {
        let waits = self.waits.load(Ordering::Relaxed);
        if waits != WORKING && waits & 1 == 0 {
            self.waits.store(self.now() | 1, Ordering::Relaxed);
        }
    }

    /// The whole request has come.
    fn works(&self) {
        self.waits.store(WORKING, Ordering::Relaxed);
    }
}

/// Notes when bytes come.
pub(super) struct WatchedStream {
    stream: TcpStream,
    connection: Arc<HttpConnection>,
}

impl AsyncRead for WatchedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.connection.hears();
        }
        polled
    }
}

impl AsyncWrite for WatchedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, bytes)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

/// Notes when a whole request has come, and when it is answered.
pub(super) struct WatchedService {
    router: Router,
    connection: Arc<HttpConnection>,
}

impl HyperService<Request<Incoming>> for WatchedService {
    type Response = Response<Body>;
    type Error = std::convert::Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let connection = self.connection.clone();
        if request.body().is_end_stream() {
            connection.works();
        }
        let body = |body| {
            Body::new(WatchedBody {
                body,
                connection: connection.clone(),
            })
        };
        let answer = self.router.clone().call(request.map(body));
        Box::pin(async move {
            let answer = answer.await;
            connection.waits_for_request();
            answer
        })
    }
}

struct WatchedBody {
    body: Incoming,
    connection: Arc<HttpConnection>,
}

impl HttpBody for WatchedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(cx);
        let is_last = match &polled {
            Poll::Ready(Some(Ok(_))) => self.body.is_end_stream(),
            Poll::Ready(_) => true,
            Poll::Pending => false,
        };
        if is_last {
            self.connection.works();
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
