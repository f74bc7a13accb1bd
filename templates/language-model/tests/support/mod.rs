//! A stand-in for a server with the chat-completions API, which answers as the test says.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Mutex, mpsc, watch};

/// The server. It runs until the test ends.
pub struct ModelServer {
    /// Its address, for `Model::base_url`.
    pub base_url: String,
    replies: mpsc::UnboundedSender<Reply>,
    shared: Arc<Shared>,
}

/// What it answers to one request.
pub enum Reply {
    /// These changes as a stream, and its end.
    Stream(Vec<Value>),
    /// These changes; then the connection breaks.
    Break(Vec<Value>),
    /// These changes; the response ends as it should, the answer does not.
    Stop(Vec<Value>),
    /// These changes, and nothing more until the client goes away.
    Stall(Vec<Value>),
    /// These changes, and then an error in the stream.
    Error(Vec<Value>),
    /// An error.
    Status(u16),
}

struct Shared {
    replies: Mutex<mpsc::UnboundedReceiver<Reply>>,
    requests: watch::Sender<Vec<Value>>,
    given_up: watch::Sender<usize>,
}

/// A change of the answer that adds words.
pub fn words(text: &str) -> Value {
    json!({ "content": text })
}

/// A call of a tool, spread over changes as servers do.
pub fn call(index: usize, name: &str, arguments: &str) -> Vec<Value> {
    let part =
        |function: Value| json!({ "tool_calls": [{ "index": index, "function": function }] });
    let mut first = part(json!({ "name": name, "arguments": "" }));
    first["tool_calls"][0]["id"] = json!(format!("call_{index}"));
    first["tool_calls"][0]["type"] = json!("function");
    let letters = arguments.chars().map(String::from);
    let rest = letters.map(|letter| part(json!({ "arguments": letter })));
    std::iter::once(first).chain(rest).collect()
}

impl ModelServer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await;
        let listener = listener.expect("a port is free");
        let address = listener.local_addr().expect("it has an address");
        let (replies, receiver) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            replies: Mutex::new(receiver),
            requests: watch::Sender::default(),
            given_up: watch::Sender::default(),
        });
        let serving = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // However a connection ends.
                tokio::spawn(serve(stream, serving.clone()));
            }
        });
        Self {
            base_url: format!("http://{address}/v1"),
            replies,
            shared,
        }
    }

    /// Says what the next request is answered that has no answer yet. A request waits for it.
    pub fn replies(&self, reply: Reply) {
        self.replies.send(reply).expect("the server runs");
    }

    /// The next answer has these words.
    pub fn says(&self, text: &str) {
        let parts = text.split_inclusive(' ').map(words);
        self.replies(Reply::Stream(parts.collect()));
    }

    /// The next answer is this call.
    pub fn calls(&self, name: &str, arguments: &str) {
        self.replies(Reply::Stream(call(0, name, arguments)));
    }

    /// Waits for so many requests, and returns the last: its body, with the token as `authorization`.
    pub async fn request(&self, number: usize) -> Value {
        let mut requests = self.shared.requests.subscribe();
        let arrived = requests.wait_for(|requests| requests.len() >= number);
        let arrived = tokio::time::timeout(Duration::from_secs(20), arrived).await;
        let requests = arrived
            .expect("the model is asked")
            .expect("the server runs");
        requests[number - 1].clone()
    }

    /// How many requests have come.
    pub fn requests(&self) -> usize {
        self.shared.requests.borrow().len()
    }

    /// Waits until the client has gone away from so many requests that were not answered.
    pub async fn given_up(&self, requests: usize) {
        let mut given_up = self.shared.given_up.subscribe();
        let given_up = given_up.wait_for(|number| *number >= requests);
        let given_up = tokio::time::timeout(Duration::from_secs(20), given_up).await;
        given_up
            .expect("a request is given up")
            .expect("the server runs");
    }
}

async fn serve(mut stream: TcpStream, shared: Arc<Shared>) -> std::io::Result<()> {
    let request = read(&mut stream).await?;
    shared
        .requests
        .send_modify(|requests| requests.push(request));
    let reply = async { shared.replies.lock().await.recv().await };
    let reply = tokio::select! {
        reply = reply => reply,
        _ = stream.read_u8() => None,
    };
    let (changes, end) = match &reply {
        None => {
            shared.given_up.send_modify(|number| *number += 1);
            return Ok(());
        }
        Some(Reply::Status(status)) => {
            let head =
                format!("HTTP/1.1 {status} -\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            return stream.write_all(head.as_bytes()).await;
        }
        Some(Reply::Stream(changes)) => (changes, ": a comment\n\ndata: [DONE]\n\n"),
        Some(Reply::Error(changes)) => (
            changes,
            "data: {\"error\":{\"message\":\"overloaded\"}}\n\n",
        ),
        Some(Reply::Break(changes) | Reply::Stop(changes) | Reply::Stall(changes)) => (changes, ""),
    };
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\
                transfer-encoding: chunked\r\nconnection: close\r\n\r\n";
    stream.write_all(head.as_bytes()).await?;
    let mut events = String::new();
    for change in changes {
        let choice = json!({ "index": 0, "delta": change, "finish_reason": null });
        let chunk = json!({ "object": "chat.completion.chunk", "choices": [choice] });
        events += &format!("data: {chunk}\n\n");
    }
    events += end;
    // Lines, and characters, end where they want.
    for part in events.as_bytes().chunks(13) {
        let length = format!("{:x}\r\n", part.len());
        let whole = [length.as_bytes(), part, b"\r\n"].concat();
        stream.write_all(&whole).await?;
    }
    match reply {
        Some(Reply::Break(_)) => return Ok(()),
        Some(Reply::Stall(_)) => {
            let _ = stream.read_u8().await;
            shared.given_up.send_modify(|number| *number += 1);
        }
        _ => stream.write_all(b"0\r\n\r\n").await?,
    }
    stream.shutdown().await
}

/// Reads a request with a body of known length.
async fn read(stream: &mut TcpStream) -> std::io::Result<Value> {
    let mut received = Vec::new();
    loop {
        if stream.read_buf(&mut received).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        let end = received.windows(4).position(|bytes| bytes == b"\r\n\r\n");
        let Some((head, body)) = end.map(|end| (&received[..end], &received[end + 4..])) else {
            continue;
        };
        let head = String::from_utf8_lossy(head);
        let header = |name: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            lines.find_map(|(key, value)| key.eq_ignore_ascii_case(name).then_some(value))
        };
        let length = header("content-length").and_then(|length| length.parse().ok());
        if body.len() >= length.unwrap_or(0) {
            assert!(head.starts_with("POST /v1/chat/completions "), "{head}");
            let mut request: Value = serde_json::from_slice(body)?;
            request["authorization"] = header("authorization").unwrap_or_default().into();
            return Ok(request);
        }
    }
}
