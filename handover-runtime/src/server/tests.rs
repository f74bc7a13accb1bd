//! A server with few connections, and clients that take them all.

#![allow(clippy::unwrap_used, reason = "what goes wrong here fails a test")]

use std::net::SocketAddr;

use axum::routing::{get, post};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::Notify;
use tokio::time::Instant;

use super::*;

const FEW: ServerLimits = ServerLimits {
    connections: 6,
    waiting: 2,
    wait: Duration::from_millis(200),
    request: Duration::from_millis(600),
    idle: Duration::from_secs(2),
};

/// What takes longer does not happen. The machine may be busy.
const PATIENCE: Duration = Duration::from_secs(20);
/// What would last longer than the test waits.
const NEVER: Duration = Duration::from_secs(600);

/// Serves `POST /echo`, and `GET /wait`, which is answered when it is let go.
async fn server(limits: ServerLimits) -> (SocketAddr, Arc<Notify>) {
    let (_, address, let_go) = watched_server(limits).await;
    (address, let_go)
}

async fn watched_server(limits: ServerLimits) -> (Arc<HttpServer>, SocketAddr, Arc<Notify>) {
    let let_go = Arc::new(Notify::new());
    let waits = let_go.clone();
    let router = Router::new()
        .route("/echo", post(async |body: String| body))
        .route(
            "/wait",
            get(move || {
                let waits = waits.clone();
                async move { waits.notified().await }
            }),
        );
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = HttpServer::new(limits, router);
    tokio::spawn(serve_at(server.clone(), listener, std::future::pending()));
    (server, address, let_go)
}

async fn open(address: SocketAddr, bytes: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    stream
}

const WHOLE: &str =
    "POST /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhello";
const HALF_A_HEAD: &str = "POST /echo HTTP/1.1\r\nhost: ";
const HALF_A_BODY: &str =
    "POST /echo HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 5\r\n\r\nhe";
const AT_WORK: &str = "GET /wait HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n";

/// All that comes until the end of the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    // A reset is an end as well.
    let read = stream.read_to_end(&mut bytes);
    let _ = tokio::time::timeout(PATIENCE, read).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

async fn answered(address: SocketAddr) -> (String, Duration) {
    let began = Instant::now();
    let mut stream = open(address, WHOLE).await;
    (rest(&mut stream).await, began.elapsed())
}

#[tokio::test]
async fn clients_that_wait_make_room_and_the_one_that_waited_longest_goes_first() {
    let limits = ServerLimits {
        wait: NEVER,
        request: NEVER,
        idle: NEVER,
        ..FEW
    };
    let (server, address, let_go) = watched_server(limits).await;
    let mut streams = Vec::new();
    let mut silent = 0;
    for bytes in [HALF_A_HEAD, AT_WORK, "", HALF_A_BODY, HALF_A_HEAD, ""] {
        streams.push(open(address, bytes).await);
        silent += usize::from(bytes.is_empty());
        let deadline = Instant::now() + PATIENCE;
        while server.connections.open_and_silent() != (streams.len(), silent) {
            assert!(Instant::now() < deadline, "it was not accepted");
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        // Its time is another than that of the next one.
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    for _ in 0..20 {
        let (answer, took) = answered(address).await;
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("hello"),
            "{answer}"
        );
        assert!(took < PATIENCE, "{took:?}");
    }
    // Only the first had to go, for there was always room afterwards.
    assert_eq!(rest(&mut streams[0]).await, "");
    let_go.notify_waiters();
    assert!(rest(&mut streams[1]).await.starts_with("HTTP/1.1 200"));
    streams[3].write_all(b"llo").await.unwrap();
    assert!(rest(&mut streams[3]).await.ends_with("hello"));
}

#[tokio::test]
async fn a_request_that_does_not_come_to_its_end_is_cut_off() {
    let of_requests = ServerLimits { idle: NEVER, ..FEW };
    let of_pauses = ServerLimits {
        request: NEVER,
        ..FEW
    };
    for (bytes, limits, after) in [
        (HALF_A_HEAD, of_requests, FEW.request),
        (HALF_A_BODY, of_requests, FEW.request),
        ("", of_pauses, FEW.idle),
    ] {
        let (address, _) = server(limits).await;
        let began = Instant::now();
        let mut stream = open(address, bytes).await;
        assert_eq!(rest(&mut stream).await, "", "{bytes:?}");
        assert!(began.elapsed() >= after, "{bytes:?}: {:?}", began.elapsed());
    }
    // A byte now and then does not lengthen it.
    let (address, _) = server(of_requests).await;
    let mut stream = open(address, "P").await;
    for byte in HALF_A_HEAD[1..].bytes() {
        tokio::time::sleep(Duration::from_millis(50)).await;
        if stream.write_all(&[byte]).await.is_err() {
            break;
        }
    }
    rest(&mut stream).await;
}

/// What is at work is not cut off for others.
#[tokio::test]
async fn who_comes_while_all_are_at_work_is_told_to_come_again() {
    let (address, let_go) = server(FEW).await;
    let mut at_work = Vec::new();
    for _ in 0..FEW.connections {
        at_work.push(open(address, AT_WORK).await);
    }
    tokio::time::sleep(FEW.request * 2).await;
    let (answer, took) = answered(address).await;
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(answer.contains("retry-after: 1"), "{answer}");
    assert!(took >= FEW.wait, "{took:?}");
    let_go.notify_waiters();
    for stream in &mut at_work {
        assert!(rest(stream).await.starts_with("HTTP/1.1 200"));
    }
    assert!(answered(address).await.0.starts_with("HTTP/1.1 200"));
}

#[tokio::test]
async fn a_connection_is_kept_for_the_next_request() {
    let (address, _) = server(ServerLimits { idle: NEVER, ..FEW }).await;
    let mut stream = open(address, "").await;
    for _ in 0..3 {
        let request = WHOLE.replace("connection: close\r\n", "");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        while !answer.ends_with("hello") {
            let mut buffer = [0; 1024];
            let read = stream.read(&mut buffer).await.unwrap();
            assert_ne!(read, 0, "{answer}");
            answer.push_str(&String::from_utf8_lossy(&buffer[..read]));
        }
        tokio::time::sleep(FEW.request * 2).await;
    }
}
