//! A stand-in for the Graph API that answers everything at once and counts.

use std::sync::atomic::{AtomicU64, Ordering};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

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
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            stream.set_nodelay(true).unwrap();
            tokio::spawn(answer(stream));
        }
    });
}

async fn answer(mut stream: TcpStream) {
    let mut received = Vec::with_capacity(4096);
    loop {
        while let Some(length) = request_in(&received) {
            let counts = received.starts_with(b"GET /count");
            received.drain(..length);
            let body = if counts {
                CALLS.load(Ordering::Relaxed).to_string()
            } else {
                let mid = CALLS.fetch_add(1, Ordering::Relaxed);
                format!(r#"{{"recipient_id":"1","message_id":"m_{mid}"}}"#)
            };
            let answer = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
                body.len()
            );
            if stream.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
        match stream.read_buf(&mut received).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
    }
}

/// The length of the request that `bytes` begins with, once it is there.
fn request_in(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|window| window == b"\r\n\r\n")? + 4;
    let text = std::str::from_utf8(&bytes[..head])
        .unwrap()
        .to_ascii_lowercase();
    let length = text
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    let body: usize = length.map_or(0, |length| length.trim().parse().unwrap());
    (bytes.len() >= head + body).then_some(head + body)
}

/// How many calls the stand-in at this address has answered.
pub(crate) async fn count(address: &str) -> u64 {
    let counted = reqwest::get(format!("{address}/count")).await.unwrap();
    counted.text().await.unwrap().parse().unwrap()
}
