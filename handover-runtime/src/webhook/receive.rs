//! `POST /webhook`: accepts events.

use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use handover_protocol::{AppId, Channel, EventBody, Object, ReadError, Received, Timestamp};
use tokio::sync::OwnedSemaphorePermit;

use super::{WebhookState, signature};
use crate::graph::CATCH_UP;
use crate::journal::{AppendStatus, DedupeKey, EventResult, NewEvent, key_of};
use crate::thread::ThreadKey;
use tokio_util::task::task_tracker::TaskTrackerToken;

/// The platform times out after 5 s (protocol: acknowledgement).
const BODY_TIMEOUT: Duration = Duration::from_secs(4);

type ErrorResponse = (StatusCode, &'static str);

/// The platform does not read it.
const ACCEPTED: &str = "EVENT_RECEIVED";
/// In seconds, for what is answered 503.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("1");
const OVERLOADED: ErrorResponse = (StatusCode::SERVICE_UNAVAILABLE, "overloaded\n");
const NOT_STORED: ErrorResponse = (StatusCode::SERVICE_UNAVAILABLE, "not stored\n");
const STOPPING: ErrorResponse = (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");

/// Answers 200 once every event of the body is in the journal.
pub(super) async fn receive(
    State(webhook): State<Arc<WebhookState>>,
    request: Request,
) -> Response {
    let began = Instant::now();
    let answer = answer(&webhook, request).await;
    let code = answer.err().map_or(StatusCode::OK, |(code, _)| code);
    webhook.metrics.answered(code, began.elapsed());
    let mut response = answer.into_response();
    if code == StatusCode::SERVICE_UNAVAILABLE {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, RETRY_AFTER);
    }
    response
}

async fn answer(
    webhook: &Arc<WebhookState>,
    request: Request,
) -> Result<&'static str, ErrorResponse> {
    let inside = webhook.gate.enter().ok_or(STOPPING)?;
    if !webhook.admission.may_have_room() {
        return Err(OVERLOADED);
    }
    let (parts, body) = request.into_parts();
    let (body, _room) = read_body(&parts.headers, body, webhook).await?;
    if let Err(error) = signature::check(&parts.headers, &body, &webhook.secrets.now().keys) {
        tracing::warn!(%error, bytes = body.len(), "a webhook was refused");
        return Err((StatusCode::FORBIDDEN, "signature missing or wrong\n"));
    }
    if !webhook.admission.has_room_for_events() {
        return Err(OVERLOADED);
    }
    if let Some(recorder) = &webhook.recorder {
        recorder.webhook(&body);
    }
    accept(webhook, &body, inside).await
}

/// The body, and the room that it takes.
async fn read_body(
    headers: &HeaderMap,
    body: Body,
    webhook: &WebhookState,
) -> Result<(Bytes, Option<OwnedSemaphorePermit>), ErrorResponse> {
    const TOO_LARGE: ErrorResponse = (StatusCode::PAYLOAD_TOO_LARGE, "the body is too large\n");
    let limit = webhook.body_limit;
    let announced = headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if announced.is_some_and(|length| length > limit) {
        tracing::warn!(
            bytes = announced,
            limit,
            "a webhook was refused: it is larger than the limit; HANDOVER_BODY_LIMIT raises it"
        );
        return Err(TOO_LARGE);
    }
    let room = webhook.admission.room_for_body(announced.unwrap_or(limit));
    let Some(room) = room else {
        tracing::warn!("a webhook was refused: other long bodies are being read");
        return Err(OVERLOADED);
    };
    match tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, limit)).await {
        Ok(Ok(bytes)) => Ok((bytes, room)),
        Ok(Err(error)) => {
            tracing::warn!(%error, limit, "a webhook could not be read, or is larger than the limit; HANDOVER_BODY_LIMIT raises it");
            Err(TOO_LARGE)
        }
        Err(_) => {
            tracing::warn!("a webhook was not sent within 4 s");
            Err((StatusCode::REQUEST_TIMEOUT, "the body took too long\n"))
        }
    }
}

async fn accept(
    webhook: &Arc<WebhookState>,
    body: &[u8],
    inside: TaskTrackerToken,
) -> Result<&'static str, ErrorResponse> {
    let mut read = match handover_protocol::read(body) {
        Ok(read) => read,
        Err(error) => return Box::pin(quarantine(webhook, body, &error, inside)).await,
    };
    for object in &read.objects {
        if let Object::Other(name) = object {
            tracing::warn!(
                object = name,
                "a webhook of a product this bot does not know; only `#[on_event]` sees its events"
            );
        }
    }
    let received_at = webhook.clock.now();
    webhook.empty_edits.leave_out(webhook, &mut read.received);
    let events: Vec<_> = read
        .received
        .into_iter()
        .map(|received| new_event(received, received_at, webhook))
        .collect();
    if events.is_empty() {
        tracing::info!(bytes = body.len(), "a webhook holds no event");
        return Ok(ACCEPTED);
    }
    log(&events);
    // Spawned: events are handled even if the client disconnects.
    let stored = tokio::spawn(store(webhook.clone(), events, inside));
    stored.await.unwrap_or(Err(NOT_STORED))?;
    crate::failpoint::failpoint!("webhook.before_answer");
    Ok(ACCEPTED)
}

/// Keeps a signed body that is not JSON as a dead letter, and accepts it: otherwise the platform would send it
/// again for hours, and then disable the webhook.
async fn quarantine(
    webhook: &Arc<WebhookState>,
    body: &[u8],
    error: &ReadError,
    inside: TaskTrackerToken,
) -> Result<&'static str, ErrorResponse> {
    tracing::error!(%error, bytes = body.len(), "a signed webhook cannot be read; it is kept as a dead letter");
    webhook.metrics.unreadable(error);
    let event = NewEvent::unreadable(body, error, webhook.clock.now());
    let kind = webhook.events.of_body(&event.received.event.body);
    let stored = tokio::spawn(store(webhook.clone(), vec![event], inside));
    let new = stored.await.unwrap_or(Err(NOT_STORED))?;
    if new > 0 {
        kind.ended(&EventResult::Failed(error.to_string()));
    }
    Ok(ACCEPTED)
}

/// Stores events and begins to handle them, as far as there are permits; returns how many are new.
pub(super) async fn store(
    webhook: Arc<WebhookState>,
    events: Vec<NewEvent>,
    _inside: TaskTrackerToken,
) -> Result<usize, ErrorResponse> {
    let kinds: Vec<_> = events
        .iter()
        .map(|event| webhook.events.of_body(&event.received.event.body))
        .collect();
    let confirms = events.iter().any(|event| event.confirms.is_some());
    let threads: Vec<_> = events.iter().map(|event| event.thread.clone()).collect();
    let permit = webhook.dispatcher.try_acquire(events.len());
    let limit = permit.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
    let accepted = webhook.journal.append(events, limit).await;
    let accepted = accepted.map_err(|error| {
        tracing::error!(%error, "a webhook could not be stored; the platform will send it again");
        NOT_STORED
    })?;
    webhook.admission.note(accepted.waiting);
    for (kind, appended) in kinds.iter().zip(&accepted.appended) {
        kind.arrived(*appended);
    }
    if let Some(permit) = permit {
        webhook.dispatcher.clone().begin(accepted.claims, permit);
    }
    webhook.journal.arrivals().tell(&threads);
    if accepted.has_more {
        webhook.wake.events_arrived();
    }
    if confirms {
        webhook.wake.calls_arrived();
    }
    let appended = accepted.appended.iter();
    let new = appended.filter(|appended| **appended == AppendStatus::Stored);
    Ok(new.count())
}

fn log(events: &[NewEvent]) {
    for event in events {
        let received = &event.received;
        let kind = received.event.body.kind();
        tracing::debug!(thread = %event.thread, kind, channel = %received.channel, object = received.object.as_str(), "received");
    }
}

pub(super) fn new_event(
    received: Received,
    received_at: Timestamp,
    webhook: &WebhookState,
) -> NewEvent {
    let own = || {
        webhook
            .observed_sends
            .has_echo(&received, received_at)
            .then(String::new)
    };
    let said_at = received.event.timestamp;
    let (also_known_as, received_at) = if received.extra.contains_key(CATCH_UP) {
        // It may have come before on another channel, and counts from when it was sent.
        let elsewhere = Received {
            channel: Channel::Standby,
            ..received.clone()
        };
        let received_at = said_at.unwrap_or(received_at).min(received_at);
        (Some(DedupeKey::of(&key_of(&elsewhere))), received_at)
    } else {
        (None, received_at)
    };
    NewEvent {
        dedupe_key: DedupeKey::of(&key_of(&received)),
        also_known_as,
        thread: ThreadKey::of(&received),
        confirms: own_call(&received.event.body, &webhook.app_id).or_else(own),
        received: Arc::new(received),
        received_at,
        content: None,
    }
}

/// Returns the call of which this is the echo, if it is the bot's own: every app of a Page receives the
/// echoes of all apps, including its own.
fn own_call(body: &EventBody, bot: &AppId) -> Option<String> {
    match body {
        EventBody::Echo(echo) if echo.app_id.as_ref() == Some(bot) && !echo.is_deleted => {
            Some(echo.metadata.clone().unwrap_or_default())
        }
        _ => None,
    }
}
