//! One call, by itself or as an item of a batch.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant, UNIX_EPOCH};

use axum::http::{HeaderMap, HeaderValue, Method, Uri, header};
use axum::response::Response;
use handover_protocol::{AppId, PersonId, Timestamp};
use serde_json::Value;

use super::super::call;
use super::super::credentials::TokenInfo;
use super::super::encode::to_json;
use super::super::headers::Headers;
use super::super::parameters::RequestParameters;
use super::super::shared_state::SharedState;
use super::super::timeline_item::{TimelineItem, TimelineKind};
use super::super::usage;
use super::caller::CallerToken;
use super::path::Path;
use super::request_context::RequestContext;
use super::reveal::{self, USER};
use super::routes::{self, ObjectType};
use super::subscription;
use super::version::Version;
use crate::platform::{CallContext, GraphResult, Platform, Refusal, Step, UploadedFile};

/// Incoming call.
pub(super) struct Incoming {
    began: Instant,
    method: Method,
    path: Path,
    url: String,
    headers: HeaderMap,
    parameters: Result<RequestParameters, Refusal>,
}

impl Incoming {
    pub(super) fn new(
        method: Method,
        uri: &Uri,
        headers: HeaderMap,
        mut parameters: Result<RequestParameters, Refusal>,
    ) -> Self {
        // `method=delete` is for clients that can only get and post.
        let overruled = match &mut parameters {
            Ok(parameters) if method == Method::POST => overruled(parameters),
            _ => None,
        };
        Self {
            began: Instant::now(),
            method: overruled.unwrap_or(method),
            path: Path::of(uri.path()),
            url: uri.path().to_owned(),
            headers,
            parameters,
        }
    }

    /// Creates a call whose body is too large to read.
    pub(super) fn too_big(method: Method, uri: &Uri, headers: HeaderMap) -> Self {
        Self::new(method, uri, headers, Err(Refusal::media_too_big()))
    }

    pub(super) async fn answer(self, shared: &Arc<SharedState>) -> Response {
        let Self {
            began,
            method,
            path,
            url,
            headers,
            mut parameters,
        } = self;
        let mut row = TimelineItem::new(TimelineKind::Call, path.title());
        row.method = method.to_string();
        row.url = url.as_str().into();
        row.request_headers = Some(Headers::of(&headers));
        let caller = match &mut parameters {
            Ok(parameters) => CallerToken::take(&headers, parameters),
            Err(_) => CallerToken::take(&headers, &mut RequestParameters::default()),
        };
        let token = caller.check(shared);
        if let Ok(token) = &token {
            row.app = Some(token.app.clone());
            row.account.clone_from(&token.account);
        }
        let mut upload = None;
        if let Ok(parameters) = &parameters {
            row.request = parameters.to_json().map(Into::into);
            row.person = person(&path, parameters);
            if token.is_ok() {
                upload = kept(shared, &headers, parameters);
            }
        }

        let mut of_answer = HeaderMap::new();
        let version = HeaderValue::from_static(path.version.header());
        of_answer.insert("facebook-api-version", version);
        of_answer.extend(date(shared.now()).map(|date| (header::DATE, date)));
        if let Ok(TokenInfo {
            app,
            account: Some(account),
            ..
        }) = &token
        {
            let used =
                shared.read(|platform, now| platform.usage(&CallContext { app, account, now }));
            usage::tell(&mut of_answer, account, used);
        }
        let verified = match (&token, &parameters) {
            (Ok(token), Ok(parameters)) => {
                subscription::verify(shared, &method, &path, token, parameters).await
            }
            _ => Ok(()),
        };
        let callback = token
            .as_ref()
            .ok()
            .and_then(|token| shared.callback(&token.app));

        // App whose tokens the response may contain.
        let app = match (&token, &parameters) {
            (Ok(token), _) => Some(token.app.clone()),
            (_, Ok(parameters)) => parameters.text("client_id").map(AppId::from),
            _ => None,
        };
        let reveals = AtomicBool::new(false);
        let act = |platform: &mut Platform, now: Timestamp| {
            let parameters = parameters?;
            verified?;
            let token = match token {
                Ok(token) => Some(token),
                Err(_) if path.object == "oauth" => None,
                Err(refusal) => return Err(refusal),
            };
            let request = RequestContext {
                shared,
                token,
                now,
                object: &path.object,
                named: path.object.as_str().into(),
                parameters: parameters.fields(),
                upload: upload.as_ref(),
                callback: callback.as_ref().map(|callback| callback.url.as_str()),
            };
            let mut step = execute(platform, &request, &method, &path)?;
            let place = token.map(TokenInfo::place);
            reveal::link(&mut step.value, &headers, &url, &parameters, place);
            let body = to_json(&step.value);
            reveals.store(reveal::has_places(&body), Ordering::Relaxed);
            Ok(Step {
                value: body,
                deliveries: step.deliveries,
            })
        };
        let response = call::answer(shared, row, began, of_answer, act).await;
        match app {
            Some(app) if reveals.load(Ordering::Relaxed) => {
                reveal::reveal(shared, &app, response).await
            }
            _ => response,
        }
    }
}

/// The last second that a header can have, in the year 9999.
const LAST_DATE: Duration = Duration::from_secs(253_402_300_799);

/// The time as a header has it: the simulator's own, which may be ahead of the machine's.
fn date(now: Timestamp) -> Option<HeaderValue> {
    let since_epoch = Duration::from_millis(u64::try_from(now.as_millis()).ok()?);
    let date = UNIX_EPOCH.checked_add(since_epoch.min(LAST_DATE))?;
    HeaderValue::from_str(&httpdate::fmt_http_date(date)).ok()
}

impl TokenInfo {
    /// Its place in answers.
    fn place(&self) -> &str {
        match &self.account {
            Some(account) => account.as_str(),
            None if self.is_user => USER,
            None => self.app.as_str(),
        }
    }
}

fn overruled(parameters: &mut RequestParameters) -> Option<Method> {
    let method = match parameters.text("method")?.to_ascii_uppercase().as_str() {
        "GET" => Method::GET,
        "DELETE" => Method::DELETE,
        _ => return None,
    };
    parameters.take("method");
    Some(method)
}

/// Returns the person of a call, from the path or a parameter.
fn person(path: &Path, parameters: &RequestParameters) -> Option<PersonId> {
    let named = ["recipient", "psid", "user", "user_id"];
    let value = named.iter().find_map(|name| parameters.get(name));
    let Some(value) = value else {
        let id = path.object.strip_prefix("t_").unwrap_or(&path.object);
        let is_id = !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit());
        return is_id.then(|| PersonId::from(id));
    };
    match value.get("id").unwrap_or(value) {
        Value::String(id) => Some(PersonId::from(id.as_str())),
        Value::Number(id) => Some(PersonId::new(id.to_string())),
        _ => None,
    }
}

/// Saves the uploaded file, if there is one.
fn kept(
    shared: &SharedState,
    headers: &HeaderMap,
    parameters: &RequestParameters,
) -> Option<UploadedFile> {
    let file = parameters.files.first()?;
    Some(UploadedFile {
        content_type: file.content_type.clone(),
        size: file.body.len(),
        url: format!("{}{}", base(headers), shared.uploads.keep(file)),
    })
}

/// Returns the base URL of the simulator for this caller.
pub(super) fn base(headers: &HeaderMap) -> String {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    format!("http://{}", host.unwrap_or("127.0.0.1"))
}

fn execute(
    platform: &mut Platform,
    request: &RequestContext<'_>,
    method: &Method,
    path: &Path,
) -> GraphResult<Value> {
    if path.version == Version::Unknown {
        return Err(Refusal::unknown_path(&path.object, &path.edge));
    }
    if let Ok(call) = request.call() {
        platform.count_call(&call, &path.edge)?;
    }
    let unknown = || Refusal::path(method.as_str(), &path.object);
    let node = node(platform, request, path).ok_or_else(unknown)?;
    let edge = match node {
        ObjectType::Root if path.edge.is_empty() => path.object.clone(),
        ObjectType::Root => format!("{}/{}", path.object, path.edge),
        _ => path.edge.clone(),
    };
    if let (ObjectType::Root, "GET", Some(pack)) = (node, method.as_str(), pack_of(&edge)) {
        request.token()?;
        return platform.stickers(pack, request.parameters);
    }
    let act = routes::find(node, method.as_str(), &edge).ok_or_else(unknown)?;
    act(platform, request)
}

/// `sticker_packs/{id}/stickers`.
fn pack_of(path: &str) -> Option<&str> {
    path.strip_prefix("sticker_packs/")?
        .strip_suffix("/stickers")
}

/// Returns the type of object in the first segment of the path.
fn node(platform: &Platform, request: &RequestContext<'_>, path: &Path) -> Option<ObjectType> {
    let object = path.object.as_str();
    if matches!(
        object,
        "oauth" | "debug_token" | "sticker_packs" | "sticker_search"
    ) {
        return Some(ObjectType::Root);
    }
    let token = request.token?;
    if object == "me" {
        return Some(match (&token.account, token.is_user) {
            (Some(_), _) => ObjectType::Account,
            (None, true) => ObjectType::User,
            (None, false) => ObjectType::App,
        });
    }
    if token.app == object {
        return Some(ObjectType::App);
    }
    let account = token.account.as_ref();
    if let Some(account) = account.and_then(|account| platform.account(account))
        && [&account.id, account.graph_id()]
            .iter()
            .any(|id| **id == object)
    {
        return Some(ObjectType::Account);
    }
    if token.is_user && platform.account(&object.into()).is_some() {
        return Some(ObjectType::Account);
    }
    if object.starts_with("t_") {
        Some(ObjectType::Conversation)
    } else if object.starts_with("m_") {
        Some(ObjectType::Message)
    } else if platform.has_persona(object) {
        Some(ObjectType::Persona)
    } else if platform.has_label(object) {
        Some(ObjectType::Label)
    } else if platform.has_app_user(object) {
        Some(ObjectType::AppUser)
    } else {
        platform.thread(&object.into()).map(|_| ObjectType::Person)
    }
}
