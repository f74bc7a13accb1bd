//! The Graph API, as far as conversations need it.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::response::Response;
use bytes::Bytes;
use handover_protocol::{PersonId, Success, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::call;
use super::desk::Desk;
use super::encode::to_json;
use super::headers::Headers;
use super::parameters::Parameters;
use super::seat::Token;
use super::timeline_item::{TimelineItem, TimelineKind};
use crate::platform::{Account, Answer, Call, Platform, Refusal, Step};

/// The version that answers a call which names none.
const VERSION: &str = "v26.0";

const API_VERSION: header::HeaderName = header::HeaderName::from_static("facebook-api-version");

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
    row.url = uri.path().into();
    row.request_headers = Some(Headers::of(&headers));

    let asked = Parameters::read(&uri, &headers, &body).and_then(|mut parameters| {
        let caller = caller(&desk, &headers, &mut parameters);
        row.request = parameters.to_json().map(Into::into);
        row.person = person(&parameters);
        if let Ok(token) = &caller {
            row.app = Some(token.app.clone());
            row.account = token.account.clone();
        }
        Ok((caller?, parameters))
    });
    let act = |platform: &mut Platform, now: Timestamp| {
        let (token, parameters) = asked?;
        let account = token.account.as_ref();
        let account = account.ok_or_else(|| Refusal::path(method.as_str(), path.object))?;
        let call = Call {
            app: &token.app,
            account,
            now,
        };
        carry_out(platform, &call, &method, &path, parameters)
    };
    let headers = HeaderMap::from_iter([(API_VERSION, version)]);
    call::answer(&desk, row, began, headers, act).await
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

/// What the token stands for that came along, in the header or as a parameter.
fn caller<'a>(
    desk: &'a Desk,
    headers: &HeaderMap,
    parameters: &mut Parameters,
) -> Result<&'a Token, Refusal> {
    let in_parameters = ["access_token", "oauth_token"].map(|name| parameters.take_text(name));
    let proof = parameters.take_text("appsecret_proof");
    let text = bearer(headers)
        .map(str::to_owned)
        .or_else(|| in_parameters.into_iter().flatten().next())
        .ok_or_else(|| Refusal::token("An access token is required to request this resource."))?;
    let token = desk
        .token(&text)
        .ok_or_else(|| Refusal::token("Invalid OAuth access token - Cannot parse access token"))?;
    let proves = |proof: &String| {
        let seat = desk.seat(&token.app);
        seat.is_some_and(|seat| seat.signer.proves(&text, proof))
    };
    match proof {
        Some(proof) if !proves(&proof) => Err(Refusal::appsecret_proof()),
        _ => Ok(token),
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
    let names = |account: &Account| {
        [&account.id, account.called()]
            .iter()
            .any(|id| id.as_str() == path.object)
    };
    if path.object != "me" && !platform.account(call.account).is_some_and(names) {
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
