//! Response to a Graph API call, with injected faults.

use std::time::{Duration, Instant};

use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use handover_protocol::Timestamp;
use tokio::time::{sleep, timeout};

use super::clock::later;
use super::faults::{self, Fault};
use super::headers::Headers;
use super::serve::ConnectionCut;
use super::shared_state::{CallRecord, SharedState};
use super::timeline_item::{TimelineItem, TimelineState};
use super::usage;
use crate::platform::{GraphResult, Platform};

/// Timeline row of a call, for calls through the control API.
#[derive(Clone, Copy)]
pub(super) struct TimelineRow(pub(super) u64);

/// Executes a call, records it in the timeline, and responds with these headers. `row` contains
/// app, account and title.
pub(super) async fn answer(
    shared: &SharedState,
    mut row: TimelineItem,
    began: Instant,
    mut headers: HeaderMap,
    act: impl FnOnce(&mut Platform, Timestamp) -> GraphResult<String>,
) -> Response {
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON));
    let fault = shared.fault_for_call(row.app.as_ref(), &row.title);
    row.fault = fault.as_ref().map(Fault::name);
    let refusal = match &fault {
        Some(Fault::Delay { ms }) => {
            shared.wait_until(later(shared.now(), *ms)).await;
            None
        }
        Some(Fault::CloseBefore) => {
            row.state = TimelineState::Failed;
            row.error = Some("a fault closed the connection; the call was not executed".to_owned());
            shared.add_row(row);
            return ConnectionCut.into_response();
        }
        Some(Fault::Status {
            code,
            body,
            executed: false,
        }) => {
            return instead(shared, row, began, *code, body);
        }
        Some(Fault::Error {
            code,
            subcode,
            message,
            is_transient,
        }) => {
            let message = message.as_deref();
            Some(faults::on_demand(*code, *subcode, message, *is_transient))
        }
        Some(Fault::Throttle { code, minutes }) => {
            usage::used_up(&mut headers, row.account.as_ref(), *minutes);
            Some(faults::throttled(*code))
        }
        Some(Fault::ExpiredToken) => Some(faults::expired_token()),
        _ => None,
    };
    row.response_headers = Some(Headers::of(&headers));
    let called = match refusal {
        Some(refusal) => shared.call(row, began, |_, _| Err(refusal)),
        None => shared.call(row, began, act),
    };
    let CallRecord {
        row,
        last_row,
        status,
        body,
    } = called;
    let mut response = match fault {
        Some(Fault::Status { code, body, .. }) => {
            let (status, response) = gateway(code, &body);
            shared.update_row(row, |row| {
                row.state = TimelineState::Failed;
                row.status = Some(status.as_u16());
                row.response = Some(body.as_str().into());
                row.response_headers = Some(Headers::of(response.headers()));
                row.error =
                    Some("the call was executed, but a fault replaced the response".to_owned());
            });
            response
        }
        Some(Fault::AnswerAfterWebhooks) => {
            // A timeout is expected: the app may not answer its webhooks before it gets this
            // response.
            let _ = timeout(MAX_WEBHOOK_WAIT, shared.webhooks_done(row, last_row)).await;
            (status, headers, body).into_response()
        }
        Some(Fault::CloseAfter) => {
            let why =
                "the call was executed, but a fault closed the connection before the response";
            shared.update_row(row, |row| row.error = Some(why.to_owned()));
            ConnectionCut.into_response()
        }
        Some(Fault::SlowBody { ms }) => (status, headers, slowly(body, ms)).into_response(),
        _ => (status, headers, body).into_response(),
    };
    response.extensions_mut().insert(TimelineRow(row));
    response
}

/// Maximum wait of a response for the webhooks of its call.
const MAX_WEBHOOK_WAIT: Duration = Duration::from_secs(5);

pub(super) const JSON: &str = "application/json; charset=UTF-8";

/// Responds like a gateway. The call is not executed.
fn instead(
    shared: &SharedState,
    mut row: TimelineItem,
    began: Instant,
    code: u16,
    body: &str,
) -> Response {
    let (status, mut response) = gateway(code, body);
    row.state = TimelineState::Failed;
    row.status = Some(status.as_u16());
    row.response = Some(body.into());
    row.attempts = 1;
    row.millis = Some(began.elapsed().as_secs_f64() * 1000.0);
    row.response_headers = Some(Headers::of(response.headers()));
    let row = shared.add_row(row);
    response.extensions_mut().insert(TimelineRow(row));
    response
}

fn gateway(code: u16, body: &str) -> (StatusCode, Response) {
    let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_GATEWAY);
    let kind = (header::CONTENT_TYPE, "text/html; charset=utf-8");
    (status, (status, [kind], body.to_owned()).into_response())
}

fn slowly(body: String, ms: u64) -> Body {
    let mut first = Bytes::from(body);
    let second = first.split_off(first.len() / 2);
    let pieces = [(0, first), (ms, second)];
    Body::from_stream(stream::unfold(pieces.into_iter(), |mut pieces| async {
        let (ms, piece) = pieces.next()?;
        sleep(Duration::from_millis(ms)).await;
        Some((Ok::<_, std::convert::Infallible>(piece), pieces))
    }))
}
