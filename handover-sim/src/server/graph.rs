//! The Graph API, as far as conversations need it.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use handover_protocol::{AppId, PersonId, Success, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::desk::Desk;
use super::encode::to_json;
use super::parameters::Parameters;
use super::timeline::{TimelineItem, TimelineKind};
use crate::platform::{Answer, Call, Platform, Refusal, Step};

/// The version that answers a call which names none.
const VERSION: &str = "v26.0";

/// Every path that is not the desk's own is a call of the Graph API.
pub(super) async fn graph(
    State(desk): State<Arc<Desk>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let began = Instant::now();
    let path = Path::of(uri.path());
    let version = HeaderValue::from_str(path.version).unwrap_or(HeaderValue::from_static(VERSION));
    let mut row = TimelineItem::new(TimelineKind::Call, path.title());
    row.method = method.to_string();
    row.url = uri.path().to_owned();

    let asked = Parameters::read(&uri, &headers, &body).and_then(|mut parameters| {
        let caller = caller(&desk, &headers, &mut parameters);
        row.request = parameters.to_json();
        row.person = person(&parameters);
        row.app = caller.as_ref().ok().cloned();
        Ok((caller?, parameters))
    });
    let act = |platform: &mut Platform, now: Timestamp| {
        let (app, parameters) = asked?;
        let call = Call {
            app: &app,
            account: &desk.page,
            now,
        };
        carry_out(platform, &call, &method, &path, parameters)
    };
    let (status, body) = desk.call(row, began, act);
    let headers = [
        (
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/json; charset=UTF-8"),
        ),
        (
            header::HeaderName::from_static("facebook-api-version"),
            version,
        ),
    ];
    (status, headers, body).into_response()
}

/// `/{version}/{object}/{edge}`; version and edge may be missing.
struct Path<'a> {
    version: &'a str,
    object: &'a str,
    edge: &'a str,
}

impl<'a> Path<'a> {
    fn of(path: &'a str) -> Self {
        let path = path.trim_matches('/');
        let (version, rest) = match path.split_once('/').unwrap_or((path, "")) {
            (first, rest) if is_version(first) => (first, rest),
            _ => (VERSION, path),
        };
        let (object, edge) = rest.split_once('/').unwrap_or((rest, ""));
        Self {
            version,
            object,
            edge,
        }
    }

    fn title(&self) -> &'a str {
        match (self.edge, self.object) {
            ("", "") => "/",
            ("", object) => object,
            (edge, _) => edge,
        }
    }
}

fn is_version(segment: &str) -> bool {
    segment
        .strip_prefix('v')
        .and_then(|number| number.split_once('.'))
        .is_some_and(|(major, minor)| {
            let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
            digits(major) && digits(minor)
        })
}

/// The app whose token came along, in the header or as a parameter.
fn caller(desk: &Desk, headers: &HeaderMap, parameters: &mut Parameters) -> Result<AppId, Refusal> {
    let in_parameters = ["access_token", "oauth_token"].map(|name| parameters.take_text(name));
    let proof = parameters.take_text("appsecret_proof");
    let token = bearer(headers)
        .map(str::to_owned)
        .or_else(|| in_parameters.into_iter().flatten().next())
        .ok_or_else(|| Refusal::token("An access token is required to request this resource."))?;
    let connection = desk
        .connections
        .iter()
        .find(|connection| connection.token == token)
        .ok_or_else(|| Refusal::token("Invalid OAuth access token - Cannot parse access token"))?;
    match proof {
        Some(proof) if !connection.signer.proves(&token, &proof) => Err(Refusal::appsecret_proof()),
        _ => Ok(connection.app.clone()),
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    ["bearer", "oauth"]
        .contains(&scheme.to_ascii_lowercase().as_str())
        .then(|| token.trim())
}

/// The person a call is about, whichever way `recipient` is written.
fn person(parameters: &Parameters) -> Option<PersonId> {
    let recipient = parameters.object("recipient")?;
    match recipient.get("id").unwrap_or(&recipient) {
        Value::String(id) => Some(PersonId::from(id.as_str())),
        Value::Number(id) => Some(PersonId::new(id.to_string())),
        _ => None,
    }
}

fn carry_out(
    platform: &mut Platform,
    call: &Call<'_>,
    method: &Method,
    path: &Path<'_>,
    parameters: Parameters,
) -> Answer<String> {
    if path.object != "me" && call.account.as_str() != path.object {
        return Err(Refusal::path(method.as_str(), path.object));
    }
    match (method.as_str(), path.edge) {
        ("POST", "messages") => platform
            .send(call, &parameters.into_request()?)
            .map(written),
        ("POST", "pass_thread_control") => {
            succeeded(platform.pass_thread_control(call, &parameters.into_request()?))
        }
        ("POST", "take_thread_control") => {
            succeeded(platform.take_thread_control(call, &parameters.into_request()?))
        }
        ("POST", "request_thread_control") => {
            succeeded(platform.request_thread_control(call, &parameters.into_request()?))
        }
        ("POST", "release_thread_control") => {
            succeeded(platform.release_thread_control(call, &parameters.into_request()?))
        }
        ("POST", "extend_thread_control") => {
            succeeded(platform.extend_thread_control(call, &parameters.into_request()?))
        }
        ("GET", "thread_owner") => {
            let person = parameters
                .text("recipient")
                .ok_or_else(|| Refusal::parameter("The parameter recipient is required"))?;
            platform
                .thread_owner(call, &PersonId::from(person))
                .map(written)
        }
        ("GET", "secondary_receivers") => platform.secondary_receivers(call).map(quiet),
        ("GET", "") => page(platform, call, &parameters).map(quiet),
        _ => Err(Refusal::path(method.as_str(), path.object)),
    }
}

/// `GET /{page-id}?fields=…`.
fn page(platform: &Platform, call: &Call<'_>, parameters: &Parameters) -> Result<Value, Refusal> {
    let page = platform.account_called(call)?;
    let mut answer = json!({ "id": page.id });
    for field in parameters.text("fields").unwrap_or("id,name").split(',') {
        answer[field.trim()] = match field.trim() {
            "id" => continue,
            "name" => json!(page.name),
            "messaging_feature_status" => json!(platform.messaging_feature_status(call)?),
            unknown => {
                return Err(Refusal::parameter(format_args!(
                    "Tried accessing nonexisting field ({unknown})"
                )));
            }
        };
    }
    Ok(answer)
}

fn succeeded(answer: Answer<()>) -> Answer<String> {
    answer.map(|step| Step {
        value: to_json(&Success {
            success: true,
            ..Success::default()
        }),
        deliveries: step.deliveries,
    })
}

fn written<T: Serialize>(step: Step<T>) -> Step<String> {
    Step {
        value: to_json(&step.value),
        deliveries: step.deliveries,
    }
}

/// What only was looked at causes no webhooks.
fn quiet<T: Serialize>(value: T) -> Step<String> {
    written(Step {
        value,
        deliveries: Vec::new(),
    })
}
