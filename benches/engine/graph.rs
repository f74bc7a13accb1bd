//! A Graph API that answers everything at once and counts.

use std::sync::atomic::{AtomicU64, Ordering};

use handover_testkit::http;
use handover_testkit::server::{self, Request, Response};
use tokio::net::TcpListener;

/// Messages so far.
static CALLS: AtomicU64 = AtomicU64::new(0);

/// Answers until it is killed. `GET /count` says how many calls there were.
pub(crate) fn serve() {
    // One thread, so that it takes as little as possible from those that are measured.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        server::serve(listener, async |request| Some(answer(&request))).await;
    });
}

fn answer(request: &Request) -> Response {
    if request.uri.path() == "/count" {
        return CALLS.load(Ordering::Relaxed).to_string().into();
    }
    let mid = CALLS.fetch_add(1, Ordering::Relaxed);
    let body = format!(r#"{{"recipient_id":"1","message_id":"m_{mid}"}}"#);
    Response::from(body).header("content-type", "application/json")
}

/// How many calls the stub at this address has answered.
pub(crate) async fn count(address: &str) -> u64 {
    let counted = http::get(format!("{address}/count")).await.unwrap();
    counted.text().await.unwrap().parse().unwrap()
}
