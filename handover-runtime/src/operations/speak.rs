//! Signals and messages from other programs, and their receipts.
//!
//! `openapi.json` describes it.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use handover_protocol::{MessageTag, OutgoingMessage, UtilityTemplate};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};

use super::access::{bearer, check_store};
use super::error::OperationsError;
use crate::outcome::Message;
use crate::secrets::{Secrets, is_one_of};
use crate::threads::{Receipt, SubmitError, ThreadHandle, Threads};

/// The longest body that is read, in bytes.
const BODY_LIMIT: usize = 512 * 1024;
/// A body that takes longer is not waited for.
const BODY_TIMEOUT: Duration = Duration::from_secs(4);
/// The longest that a request waits for a receipt.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The name under which a request is stored once.
const IDEMPOTENCY_KEY: &str = "idempotency-key";

const OPENAPI: &str = include_str!("openapi.json");

/// What the requests need.
pub(crate) struct SpeakApi {
    pub(crate) threads: Threads,
    pub(crate) secrets: Secrets,
}

pub(super) fn router(api: SpeakApi) -> Router {
    let openapi = async || ([(header::CONTENT_TYPE, "application/json")], OPENAPI);
    Router::new()
        .route("/threads/{account}/{person}/signals/{name}", post(signal))
        .route("/threads/{account}/{person}/messages", post(message))
        .route("/threads/{account}/{person}/receipts/{id}", get(receipt))
        .route("/openapi.json", get(openapi))
        .with_state(Arc::new(api))
}

async fn signal(
    State(api): State<Arc<SpeakApi>>,
    Path((account, person, name)): Path<(String, String, String)>,
    request: SpeakRequest,
) -> Result<Response, OperationsError> {
    let SpeakRequest { id, options, body } = request;
    let content: Value = match body.is_empty() {
        true => Value::Null,
        false => parse(&body)?,
    };
    let known = api.threads.check_signal(&name, &content);
    if let Some(Err(reason)) = &known {
        let message = format!("the content does not fit the signal `{name}`: {reason}");
        return Err(OperationsError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "unfit_content",
            message,
        ));
    }
    let thread = api.threads.of(account, person);
    let mut sent = thread.signal_named(&name, content);
    if let Some(id) = id {
        sent = sent.id(id);
    }
    if options.hold_until_back {
        sent = sent.hold_until_back();
    }
    if let Some(time) = options.expires_after {
        sent = sent.expires_after(time);
    }
    if let Some(time) = options.after {
        sent = sent.after(time);
    }
    let warning = known
        .is_none()
        .then(|| format!("no handler takes the signal `{name}`, so it is kept as a dead letter"));
    answer(sent.await?, options.wait, warning).await
}

async fn message(
    State(api): State<Arc<SpeakApi>>,
    Path((account, person)): Path<(String, String)>,
    request: SpeakRequest,
) -> Result<Response, OperationsError> {
    let SpeakRequest { id, options, body } = request;
    let wait = options.only_wait()?;
    let message = parse::<MessageBody>(&body)?.into_message()?;
    let mut sent = api.threads.of(account, person).send(message);
    if let Some(id) = id {
        sent = sent.id(id);
    }
    answer(sent.await?, wait, None).await
}

async fn receipt(
    State(api): State<Arc<SpeakApi>>,
    Path((account, person, id)): Path<(String, String, String)>,
    options: RequestOptions,
) -> Result<Response, OperationsError> {
    let wait = options.only_wait()?;
    let thread: ThreadHandle = api.threads.of(account, person);
    let Some(receipt) = thread.receipt(&id).await? else {
        let message = format!("nothing was sent into this thread with the id `{id}`");
        return Err(OperationsError::new(
            StatusCode::NOT_FOUND,
            "unknown_id",
            message,
        ));
    };
    let receipt = waited(receipt, wait).await?;
    Ok(Json(receipt).into_response())
}

/// 202 for what is new, 200 for what was stored before under the same id.
async fn answer(
    receipt: Receipt,
    wait: Option<Duration>,
    warning: Option<String>,
) -> Result<Response, OperationsError> {
    let status = match receipt.is_new() {
        true => StatusCode::ACCEPTED,
        false => StatusCode::OK,
    };
    let receipt = waited(receipt, wait).await?;
    let mut body = json!(receipt);
    if let (Some(warning), Some(fields)) = (warning, body.as_object_mut()) {
        fields.insert("warning".to_owned(), warning.into());
    }
    Ok((status, Json(body)).into_response())
}

/// As it is after this time, or as soon as there is something to tell.
async fn waited(receipt: Receipt, time: Option<Duration>) -> Result<Receipt, OperationsError> {
    let Some(time) = time else {
        return Ok(receipt);
    };
    match tokio::time::timeout(time.min(LONGEST_WAIT), receipt.wait()).await {
        Ok(waited) => waited.map_err(|error| SubmitError::from(error).into()),
        Err(_) => Ok(receipt),
    }
}

impl SpeakApi {
    /// Whether the request has one of the tokens.
    fn check(&self, headers: &HeaderMap) -> Result<(), OperationsError> {
        let given = bearer(headers).unwrap_or_default();
        let secrets = self.secrets.now();
        let api_tokens = &secrets.lists.api_tokens;
        // Both are compared, so that the time tells nothing.
        if is_one_of(api_tokens, given) | self.secrets.is_operator(given) {
            return Ok(());
        }
        tracing::warn!("a request to speak in a thread was refused: its token is missing or wrong");
        Err(if api_tokens.is_empty() {
            OperationsError::new(
                StatusCode::FORBIDDEN,
                "no_token_configured",
                "other programs may not send anything: set HANDOVER_API_TOKEN for the bot, and send it as `Authorization: Bearer …`",
            )
        } else {
            OperationsError::new(
                StatusCode::UNAUTHORIZED,
                "wrong_token",
                "the token is missing or wrong: send HANDOVER_API_TOKEN as `Authorization: Bearer …`",
            )
        })
    }
}

/// A signal or a message: from somebody with a token, with its options and its body.
struct SpeakRequest {
    /// The idempotency key.
    id: Option<String>,
    options: RequestOptions,
    body: Bytes,
}

impl FromRequest<Arc<SpeakApi>> for SpeakRequest {
    type Rejection = OperationsError;

    async fn from_request(request: Request, api: &Arc<SpeakApi>) -> Result<Self, OperationsError> {
        let (mut parts, body) = request.into_parts();
        let options = RequestOptions::from_request_parts(&mut parts, api).await?;
        Ok(Self {
            id: id_of(&parts.headers)?.map(str::to_owned),
            options,
            body: read(&parts.headers, body).await?,
        })
    }
}

/// What is said in the query of a request that has a token.
#[derive(Default)]
struct RequestOptions {
    hold_until_back: bool,
    expires_after: Option<Duration>,
    after: Option<Duration>,
    wait: Option<Duration>,
}

impl FromRequestParts<Arc<SpeakApi>> for RequestOptions {
    type Rejection = OperationsError;

    async fn from_request_parts(
        parts: &mut Parts,
        api: &Arc<SpeakApi>,
    ) -> Result<Self, OperationsError> {
        api.check(&parts.headers)?;
        check_store(api.threads.store(), parts.uri.query())?;
        Self::of(&parts.uri)
    }
}

impl RequestOptions {
    /// Where nothing else can be said in the query: a message has it in its body.
    fn only_wait(&self) -> Result<Option<Duration>, OperationsError> {
        let has_others =
            self.hold_until_back || self.expires_after.is_some() || self.after.is_some();
        if has_others {
            let reason = "only `wait` can be in this query: a message has `hold_until_back` and `expires_after` in its body";
            return Err(OperationsError::bad(reason));
        }
        Ok(self.wait)
    }

    fn of(uri: &Uri) -> Result<Self, OperationsError> {
        let mut options = Self::default();
        let query = uri.query().unwrap_or_default();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            let time = || {
                duration(&value).ok_or_else(|| {
                    OperationsError::bad(format!("`{name}={value}` is no time: {TIMES}"))
                })
            };
            match &*name {
                "hold_until_back" => {
                    options.hold_until_back = match &*value {
                        "true" | "" => true,
                        "false" => false,
                        _ => {
                            return Err(OperationsError::bad(format!("`{name}` is true or false")));
                        }
                    }
                }
                "expires_after" => options.expires_after = Some(time()?),
                "after" => options.after = Some(time()?),
                "wait" => options.wait = Some(time()?),
                // It is the one of this bot.
                "store" => {}
                _ => {
                    return Err(OperationsError::bad(format!(
                        "the parameter `{name}` is not known"
                    )));
                }
            }
        }
        Ok(options)
    }
}

const TIMES: &str = "write a number and a unit, such as 90s, 30m, 36h or 7d";

/// `90s`, `30m`, `36h` or `7d`; a number alone is in seconds. At most a year.
fn duration(text: &str) -> Option<Duration> {
    const YEAR: u64 = 366 * 24 * 60 * 60;
    let (number, unit) = match text.find(|c: char| !c.is_ascii_digit()) {
        Some(at) => text.split_at(at),
        None => (text, "s"),
    };
    let unit = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 60 * 60,
        "d" => 24 * 60 * 60,
        _ => return None,
    };
    let seconds = number.parse::<u64>().ok()?.checked_mul(unit)?;
    (seconds <= YEAR).then(|| Duration::from_secs(seconds))
}

/// A message as other programs write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MessageBody {
    text: Option<String>,
    message: Option<OutgoingMessage>,
    template: Option<UtilityTemplate>,
    tag: Option<MessageTag>,
    notification_messages_token: Option<String>,
    one_time_notif_token: Option<String>,
    #[serde(default)]
    hold_until_back: bool,
    #[serde(default, deserialize_with = "optional_time")]
    expires_after: Option<Duration>,
    outside_window: Option<Box<MessageBody>>,
}

fn optional_time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let time = match Value::deserialize(deserializer)? {
        Value::Null => return Ok(None),
        Value::Number(seconds) => duration(&seconds.to_string()),
        Value::String(text) => duration(&text),
        _ => None,
    };
    time.map(Some).ok_or_else(|| D::Error::custom(TIMES))
}

impl MessageBody {
    fn into_message(self) -> Result<Message, OperationsError> {
        let mut message = match (self.text, self.message, self.template) {
            (Some(text), None, None) => Message::text(text),
            (None, Some(message), None) => message.into(),
            (None, None, Some(template)) => Message::utility(template),
            _ => {
                let reason = "a message has one of `text`, `message` and `template`";
                return Err(OperationsError::bad(reason));
            }
        };
        if let Some(tag) = self.tag {
            message = message.tag(tag);
        }
        match (self.notification_messages_token, self.one_time_notif_token) {
            (Some(token), None) => message = message.to_token(token),
            (None, Some(token)) => message = message.to_one_time_token(token),
            (None, None) => {}
            (Some(_), Some(_)) => return Err(OperationsError::bad("a message goes to one token")),
        }
        if self.hold_until_back {
            message = message.hold_until_back();
        }
        if let Some(time) = self.expires_after {
            message = message.expires_after(time);
        }
        if let Some(other) = self.outside_window {
            message = message.outside_window(other.into_message()?);
        }
        Ok(message)
    }
}

fn id_of(headers: &HeaderMap) -> Result<Option<&str>, OperationsError> {
    let id = headers.get(IDEMPOTENCY_KEY).map(|id| id.to_str());
    let id = id.transpose();
    id.map_err(|_| OperationsError::from(SubmitError::InvalidId))
}

async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, OperationsError> {
    let too_long = || {
        let message = format!("the body has at most {BODY_LIMIT} bytes");
        OperationsError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_long", message)
    };
    let announced = headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > BODY_LIMIT) {
        return Err(too_long());
    }
    match tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, BODY_LIMIT)).await {
        Ok(Ok(bytes)) => Ok(bytes),
        Ok(Err(_)) => Err(too_long()),
        Err(_) => Err(OperationsError::new(
            StatusCode::REQUEST_TIMEOUT,
            "too_slow",
            "the body took too long",
        )),
    }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, OperationsError> {
    serde_json::from_slice(body).map_err(|error| OperationsError::bad(format!("the body: {error}")))
}
