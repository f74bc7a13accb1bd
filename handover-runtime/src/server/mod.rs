//! The HTTP server: like `axum::serve`, but idle, slow and silent clients never keep others out, and
//! stopping has a deadline.

mod connection;
mod refusal;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use connection::Connections;

const MAX_HEADERS: usize = 64;
const MAX_HEADER_BYTES: usize = 16 * 1024;
const STOP_TIMEOUT: Duration = Duration::from_secs(5);
/// How often connections are looked through for those that take too long.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Pause after an error of the system, mostly because no file handle is free.
const AFTER_ERROR: Duration = Duration::from_millis(10);

/// What clients may take.
#[derive(Clone, Copy, Debug)]
struct ServerLimits {
    /// Connections at once.
    connections: usize,
    /// Connections at once, besides, that wait for one of these or are refused.
    waiting: usize,
    /// How long a connection waits for another to end, before it is refused.
    wait: Duration,
    /// From the first byte of a request to its last. The platform gives a webhook up after 5 s (protocol:
    /// acknowledgement).
    request: Duration,
    /// Without a request.
    idle: Duration,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 1024,
            waiting: 256,
            wait: Duration::from_millis(500),
            request: Duration::from_millis(4500),
            idle: Duration::from_secs(30),
        }
    }
}

/// Serves until `stop` completes; then lets requests in flight end.
pub(crate) async fn serve(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let server = HttpServer::new(ServerLimits::default(), router);
    serve_at(server, listener, stop).await;
}

async fn serve_at(server: Arc<HttpServer>, listener: TcpListener, stop: impl Future<Output = ()>) {
    let limits = server.limits;
    let mut stop = std::pin::pin!(stop);
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    loop {
        let accepted = tokio::select! {
            // Polled first, so that a client that got a response can rely on a signal being noticed.
            biased;
            () = &mut stop => break,
            _ = ticks.tick() => {
                server.connections.end_late(limits.request, limits.idle);
                continue;
            }
            accepted = listener.accept() => accepted,
        };
        match accepted {
            Ok((stream, _)) => server.admit(stream),
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                server.connections.end_longest_waiting(1);
                tokio::time::sleep(AFTER_ERROR).await;
            }
        }
    }
    drop(listener);
    server.stop.cancel();
    server.tasks.close();
    let ended = tokio::time::timeout(STOP_TIMEOUT, server.tasks.wait());
    if ended.await.is_err() {
        tracing::warn!(
            "some connections were cut: they did not end within {} s",
            STOP_TIMEOUT.as_secs()
        );
    }
}

struct HttpServer {
    http: http1::Builder,
    router: Router,
    limits: ServerLimits,
    connections: Connections,
    permits: Arc<Semaphore>,
    waiting: Arc<Semaphore>,
    /// Connections end after the request that they are at.
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl HttpServer {
    fn new(limits: ServerLimits, router: Router) -> Arc<Self> {
        let mut http = http1::Builder::new();
        // Deadlines are kept by `Connections`: they have to hold for bodies as well.
        http.header_read_timeout(None)
            .max_headers(MAX_HEADERS)
            .max_buf_size(MAX_HEADER_BYTES);
        Arc::new(Self {
            http,
            router,
            limits,
            connections: Connections::default(),
            permits: Arc::new(Semaphore::new(limits.connections)),
            waiting: Arc::new(Semaphore::new(limits.waiting)),
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
        })
    }

    /// Serves a connection. If there are too many, the one that has waited longest for its client is
    /// ended for it; if none waits, because all are busy, this one is answered 503.
    fn admit(self: &Arc<Self>, stream: TcpStream) {
        // Without it a response waits for the client's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        if let Ok(permit) = self.permits.clone().try_acquire_owned() {
            self.spawn(stream, permit);
            return;
        }
        let Ok(waiting) = self.waiting.clone().try_acquire_owned() else {
            // Dropped without an answer, which such a client does not read.
            return;
        };
        let waiters = self.limits.waiting - self.waiting.available_permits();
        self.connections.end_longest_waiting(waiters);
        let server = self.clone();
        self.tasks.spawn(async move {
            let permit = server.permits.clone().acquire_owned();
            match tokio::time::timeout(server.limits.wait, permit).await {
                Ok(Ok(permit)) => server.spawn(stream, permit),
                _ => refusal::refuse(stream).await,
            }
            drop(waiting);
        });
    }

    fn spawn(self: &Arc<Self>, stream: TcpStream, permit: OwnedSemaphorePermit) {
        let connection = self.connections.add();
        let io = TokioIo::new(connection.io(stream));
        let service = connection.service(self.router.clone());
        let serving = self.http.serve_connection(io, service);
        let server = self.clone();
        self.tasks.spawn(async move {
            let mut serving = std::pin::pin!(serving);
            let mut is_stopping = false;
            loop {
                tokio::select! {
                    served = serving.as_mut() => {
                        if let Err(error) = served {
                            tracing::debug!(%error, "a connection broke");
                        }
                        break;
                    }
                    () = connection.ended() => {
                        tracing::debug!("a connection was ended: its client was idle or slow");
                        break;
                    }
                    () = server.stop.cancelled(), if !is_stopping => {
                        is_stopping = true;
                        serving.as_mut().graceful_shutdown();
                    }
                }
            }
            server.connections.remove(&connection);
            drop(permit);
        });
    }
}

#[cfg(test)]
mod tests;
