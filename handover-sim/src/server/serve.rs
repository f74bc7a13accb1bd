//! HTTP connections, which faults can close.

use axum::Router;
use axum::body::Body;
use axum::http::Request;
use axum::response::{IntoResponse, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::TokioIo;
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// Response that closes the connection instead.
#[derive(Debug, Clone, Copy, thiserror::Error)]
#[error("closed by a fault")]
pub(super) struct ConnectionCut;

impl IntoResponse for ConnectionCut {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::empty());
        response.extensions_mut().insert(self);
        response
    }
}

/// Serves until `stopped` completes, then finishes open requests.
pub(super) async fn serve(
    listener: TcpListener,
    router: Router,
    stopped: impl Future<Output = ()>,
) {
    let graceful = GracefulShutdown::new();
    // Ends the connections when the server is dropped.
    let mut connections = JoinSet::new();
    let mut stopped = std::pin::pin!(stopped);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            Some(_) = connections.join_next(), if !connections.is_empty() => continue,
            () = &mut stopped => break,
        };
        // Out of sockets, or the peer is gone already: the next one may do better.
        let Ok((stream, _)) = accepted else {
            tokio::task::yield_now().await;
            continue;
        };
        // Answers are small: waiting to fill a packet only delays them.
        let _ = stream.set_nodelay(true);
        let router = router.clone();
        let connection = http1::Builder::new().serve_connection(
            TokioIo::new(stream),
            service_fn(move |request| answer(router.clone(), request)),
        );
        // Peers that go away, and connections that were cut, are nobody's fault here.
        connections.spawn(graceful.watch(connection));
    }
    drop(listener);
    graceful.shutdown().await;
}

async fn answer(router: Router, request: Request<Incoming>) -> Result<Response, ConnectionCut> {
    let Ok(response) = TowerToHyperService::new(router).call(request).await;
    match response.extensions().get::<ConnectionCut>() {
        Some(cut) => Err(*cut),
        None => Ok(response),
    }
}
