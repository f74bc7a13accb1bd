//! Several calls in one request.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::{Value, json};

use super::super::parameters::RequestParameters;
use super::super::serve::ConnectionCut;
use super::super::shared_state::SharedState;
use super::call::Incoming;
use super::caller::CallerToken;
use super::reference::{self, Results};
use crate::platform::{Parameter, Refusal};

/// A batch has at most this many items (Graph API, batch requests).
const ITEMS: usize = 50;

/// Executes the items in order, each with its own timeline row.
pub(super) async fn answer(
    shared: &Arc<SharedState>,
    uri: &Uri,
    headers: &HeaderMap,
    items: &Value,
    parameters: &mut RequestParameters,
) -> Response {
    let caller = CallerToken::take(headers, parameters);
    let items = match caller.check(shared).and_then(|_| read(items)) {
        Ok(items) => items,
        Err(refusal) => {
            let refused = Incoming::new(Method::POST, uri, headers.clone(), Err(refusal));
            return refused.answer(shared).await;
        }
    };
    let token = caller.token().unwrap_or_default().to_owned();
    let shows_headers = parameters.get("include_headers").is_none_or(|include| {
        !matches!(include, Value::Bool(false)) && include.as_str() != Some("false")
    });
    let referred: HashSet<String> = items.iter().flat_map(BatchEntry::refers_to).collect();
    let batch = Batch {
        shared,
        headers,
        token,
        parameters,
        shows_headers,
    };
    let mut results = Results::new();
    let mut answers = Vec::with_capacity(items.len());
    for item in &items {
        let answer = batch.execute(item, &results).await;
        let succeeded = answer.as_ref().is_some_and(|answer| answer["code"] == 200);
        if let Some(name) = &item.name {
            let body = answer.as_ref().and_then(|answer| answer["body"].as_str());
            let body = body.filter(|_| succeeded);
            let body = body.and_then(|body| serde_json::from_str(body).ok());
            results.insert(name.clone(), body);
        }
        let is_referred = item
            .name
            .as_ref()
            .is_some_and(|name| referred.contains(name));
        let omits = item.omits_response.unwrap_or(is_referred) && succeeded;
        answers.push(answer.filter(|_| !omits));
    }
    let kind = HeaderValue::from_static("application/json; charset=UTF-8");
    let body = Value::from(answers).to_string();
    (StatusCode::OK, [(header::CONTENT_TYPE, kind)], body).into_response()
}

/// One call of a batch.
#[derive(Debug)]
struct BatchEntry {
    method: Method,
    relative_url: String,
    body: String,
    name: Option<String>,
    depends_on: Option<String>,
    omits_response: Option<bool>,
    files: Vec<String>,
}

fn read(items: &Value) -> Result<Vec<BatchEntry>, Refusal> {
    let batch = Parameter::new("batch", Some(items));
    if items.as_array().is_some_and(|items| items.len() > ITEMS) {
        return Err(Refusal::batch_too_long());
    }
    batch
        .list(1..=ITEMS)?
        .iter()
        .map(BatchEntry::read)
        .collect()
}

impl BatchEntry {
    fn read(item: &Parameter<'_>) -> Result<Self, Refusal> {
        let text = |name| item.at(name).text().map(|text| text.map(Cow::into_owned));
        let method = item
            .at("method")
            .needed_one_of(["GET", "POST", "PUT", "DELETE"])?;
        Ok(Self {
            method: match method {
                "POST" | "PUT" => Method::POST,
                "DELETE" => Method::DELETE,
                _ => Method::GET,
            },
            relative_url: item.at("relative_url").needed_text()?.into_owned(),
            body: text("body")?.unwrap_or_default(),
            name: text("name")?,
            depends_on: text("depends_on")?,
            omits_response: item.at("omit_response_on_success").flag()?,
            files: text("attached_files")?
                .iter()
                .flat_map(|names| names.split(','))
                .map(|name| name.trim().to_owned())
                .collect(),
        })
    }

    /// Items whose responses it needs.
    fn refers_to(&self) -> Vec<String> {
        let mut names = reference::names(&self.relative_url);
        names.extend(reference::names(&self.body));
        names.extend(self.depends_on.clone());
        names
    }
}

/// What the items have in common.
struct Batch<'a> {
    shared: &'a Arc<SharedState>,
    headers: &'a HeaderMap,
    token: String,
    parameters: &'a RequestParameters,
    shows_headers: bool,
}

impl Batch<'_> {
    /// `None` if there is no response, also because a dependency failed.
    async fn execute(&self, item: &BatchEntry, results: &Results) -> Option<Value> {
        if item
            .depends_on
            .as_ref()
            .is_some_and(|name| results.get(name).is_none_or(Option::is_none))
        {
            return None;
        }
        let call = self.incoming(item, results)?;
        let response = call.answer(self.shared).await;
        if response.extensions().get::<ConnectionCut>().is_some() {
            return None;
        }
        let (head, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.ok()?;
        let mut answer = json!({
            "code": head.status.as_u16(),
            "body": String::from_utf8_lossy(&body),
        });
        if self.shows_headers {
            let headers = head.headers.iter();
            answer["headers"] = headers
                .map(|(name, value)| {
                    let value = String::from_utf8_lossy(value.as_bytes());
                    json!({"name": name.as_str(), "value": value})
                })
                .collect();
        }
        Some(answer)
    }

    /// Returns the item as a call, with references replaced.
    fn incoming(&self, item: &BatchEntry, results: &Results) -> Option<Incoming> {
        let fill = |text: &str| reference::fill(text, results);
        let (path, query) = item
            .relative_url
            .split_once('?')
            .unwrap_or((&item.relative_url, ""));
        let path = format!("/{}", fill(path)?.trim_start_matches('/'));
        let mut headers = HeaderMap::new();
        for name in [header::HOST, header::USER_AGENT] {
            if let Some(value) = self.headers.get(&name) {
                headers.insert(name, value.clone());
            }
        }
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(header::CONTENT_TYPE, form);
        // Both are forms, and their names do not depend on which of the two they are in.
        let whole = Bytes::from(format!("{query}&{}", item.body));
        let Ok(uri) = path.parse::<Uri>() else {
            let refusal = Refusal::unknown_path(&path, "");
            let nowhere = Uri::from_static("/");
            return Some(Incoming::new(
                item.method.clone(),
                &nowhere,
                headers,
                Err(refusal),
            ));
        };
        let mut parameters = RequestParameters::read(&uri, &headers, &whole).ok()?;
        parameters.replace_texts(&fill)?;
        if parameters.get("access_token").is_none() {
            parameters.set("access_token", &self.token);
        }
        let files: HashMap<_, _> = self
            .parameters
            .files
            .iter()
            .map(|file| (file.name.as_str(), file))
            .collect();
        parameters.files = item
            .files
            .iter()
            .filter_map(|name| files.get(name.as_str()).map(|file| (*file).clone()))
            .collect();
        Some(Incoming::new(
            item.method.clone(),
            &uri,
            headers,
            Ok(parameters),
        ))
    }
}
