//! The limit: straight on hyper, as server and as client, borrowing from the body what it needs and
//! keeping nothing.

use std::borrow::Cow;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use hmac::{Hmac, KeyInit, Mac};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST, HeaderValue};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;

use super::{FAREWELL, INBOX, PAGE, SECRET, TOKEN, socket};

type Error = Box<dyn std::error::Error + Send + Sync>;

#[derive(Deserialize)]
struct Body<'a> {
    #[serde(borrow)]
    entry: Vec<Entry<'a>>,
}

#[derive(Deserialize)]
struct Entry<'a> {
    #[serde(borrow, default)]
    messaging: Vec<Event<'a>>,
}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow)]
    sender: Person<'a>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
}

#[derive(Deserialize, Serialize)]
struct Person<'a> {
    id: &'a str,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    text: Option<Text<'a>>,
}

/// Borrowed, unless it has an escape.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[derive(Serialize)]
struct Say<'a> {
    recipient: &'a Person<'a>,
    messaging_type: &'static str,
    message: Answer<'a>,
}

#[derive(Serialize)]
struct Answer<'a> {
    text: &'a str,
}

#[derive(Serialize)]
struct Pass<'a> {
    recipient: &'a Person<'a>,
    target_app_id: u64,
}

struct Bot {
    key: Hmac<Sha256>,
    graph: SocketAddr,
    host: HeaderValue,
    token: HeaderValue,
    messages: Uri,
    pass: Uri,
    /// Connections that wait, as many as there are permits.
    idle: Mutex<Vec<Connection>>,
    waiting: Semaphore,
    /// Connections made so far.
    made: AtomicUsize,
}

type Connection = SendRequest<Full<Bytes>>;

/// Beyond so many, a call waits a moment for another one's connection before it makes a new one. Else a burst
/// of calls would make hundreds.
const ENOUGH: usize = 32;
const MOMENT: Duration = Duration::from_millis(10);

pub(super) async fn serve(graph: &str) {
    let address = graph.strip_prefix("http://").unwrap();
    let uri = |name: &str| format!("/v26.0/{PAGE}/{name}").parse().unwrap();
    let bot = Arc::new(Bot {
        key: Hmac::new_from_slice(SECRET.as_bytes()).unwrap(),
        graph: address.parse().unwrap(),
        host: address.parse().unwrap(),
        token: format!("Bearer {TOKEN}").parse().unwrap(),
        messages: uri("messages"),
        pass: uri("pass_thread_control"),
        idle: Mutex::default(),
        waiting: Semaphore::new(0),
        made: AtomicUsize::new(0),
    });
    let listener = socket();
    while let Ok((stream, _)) = listener.accept().await {
        let bot = bot.clone();
        tokio::spawn(async move {
            let _ = stream.set_nodelay(true);
            let service = service_fn(move |request| receive(bot.clone(), request));
            // Whoever posts may hang up.
            let _ = hyper::server::conn::http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn receive(
    bot: Arc<Bot>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let status = match body.collect().await {
        Ok(body) => take(&bot, &head, &body.to_bytes()),
        Err(_) => StatusCode::BAD_REQUEST,
    };
    let mut response = Response::new(Full::default());
    *response.status_mut() = status;
    Ok(response)
}

fn take(bot: &Arc<Bot>, head: &hyper::http::request::Parts, bytes: &[u8]) -> StatusCode {
    let signature = head.headers.get("x-hub-signature-256");
    let signature = signature.and_then(|value| value.as_bytes().strip_prefix(b"sha256="));
    let mut expected = [0; 32];
    let is_signed = signature.is_some_and(|hex| {
        hex::decode_to_slice(hex, &mut expected).is_ok()
            && bot
                .key
                .clone()
                .chain_update(bytes)
                .verify_slice(&expected)
                .is_ok()
    });
    if !is_signed {
        return StatusCode::FORBIDDEN;
    }
    let Ok(body) = serde_json::from_slice::<Body<'_>>(bytes) else {
        return StatusCode::BAD_REQUEST;
    };
    for event in body.entry.iter().flat_map(|entry| &entry.messaging) {
        let Some(text) = event
            .message
            .as_ref()
            .and_then(|message| message.text.as_ref())
        else {
            continue;
        };
        let (person, text) = (&event.sender, &*text.0);
        let calls = if text == "agent" {
            [Some(say(person, FAREWELL)), Some(pass(person))]
        } else {
            [Some(say(person, text)), None]
        };
        tokio::spawn(make(bot.clone(), calls));
    }
    StatusCode::OK
}

/// The body of a call, and whether it is the handoff.
type Call = (Bytes, bool);

fn say(recipient: &Person<'_>, text: &str) -> Call {
    let say = Say {
        recipient,
        messaging_type: "RESPONSE",
        message: Answer { text },
    };
    (serde_json::to_vec(&say).unwrap().into(), false)
}

fn pass(recipient: &Person<'_>) -> Call {
    let pass = Pass {
        recipient,
        target_app_id: INBOX,
    };
    (serde_json::to_vec(&pass).unwrap().into(), true)
}

/// Makes the calls, one after the other.
async fn make(bot: Arc<Bot>, calls: [Option<Call>; 2]) {
    for (body, is_pass) in calls.into_iter().flatten() {
        let uri = if is_pass { &bot.pass } else { &bot.messages };
        if let Err(error) = call(&bot, uri.clone(), body).await {
            eprintln!("{error}");
            return;
        }
    }
}

async fn call(bot: &Bot, uri: Uri, body: Bytes) -> Result<(), Error> {
    let mut request = Request::post(uri).body(Full::new(body))?;
    let headers = request.headers_mut();
    headers.insert(HOST, bot.host.clone());
    headers.insert(AUTHORIZATION, bot.token.clone());
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut connection = connection(bot).await?;
    let response = connection.send_request(request).await?;
    response.into_body().collect().await?;
    connection.ready().await?;
    if let Ok(mut idle) = bot.idle.lock() {
        idle.push(connection);
        bot.waiting.add_permits(1);
    }
    Ok(())
}

/// One that waits, or else a new one.
async fn connection(bot: &Bot) -> Result<Connection, Error> {
    let waits = match bot.waiting.try_acquire() {
        Ok(permit) => Some(permit),
        Err(_) if bot.made.load(Ordering::Relaxed) < ENOUGH => None,
        Err(_) => {
            let returned = tokio::time::timeout(MOMENT, bot.waiting.acquire()).await;
            returned.ok().transpose()?
        }
    };
    if let Some(permit) = waits {
        permit.forget();
        let waiting = bot.idle.lock().ok().and_then(|mut idle| idle.pop());
        if let Some(connection) = waiting.filter(SendRequest::is_ready) {
            return Ok(connection);
        }
    }
    bot.made.fetch_add(1, Ordering::Relaxed);
    let stream = TcpStream::connect(bot.graph).await?;
    stream.set_nodelay(true)?;
    let (send, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(send)
}
