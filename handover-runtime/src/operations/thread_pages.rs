//! `GET /threads` and `GET /threads/{account}/{person}`: threads for operators.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Path, RawQuery, State};
use axum::http::HeaderMap;
use serde_json::{Value, json};

use super::access::check_operator;
use super::error::OperationsError;
use super::page::PageState;
use super::parameter;
use super::redact::{hide_all_texts, hide_texts};
use crate::journal::{ThreadGroup, ThreadSearch};
use crate::thread::ThreadKey;

/// How many threads are listed.
const LISTED: usize = 50;
const MOST_LISTED: usize = 500;

/// `GET /threads?person=…&account=…&group=with_people&limit=50`.
pub(super) async fn list(
    State(page): State<Arc<PageState>>,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, OperationsError> {
    let of = |name| parameter(query.as_deref(), name).filter(|value| !value.is_empty());
    let group = match of("group").as_deref() {
        None | Some("all") => ThreadGroup::All,
        Some("with_people") => ThreadGroup::WithPeople,
        Some("paused") => ThreadGroup::Paused,
        Some("waiting") => ThreadGroup::Waiting,
        Some(other) => {
            return Err(OperationsError::bad(format!(
                "there is no group `{other}`: all, with_people, paused or waiting"
            )));
        }
    };
    let limit = match of("limit").map(|limit| limit.parse::<usize>()) {
        None => LISTED,
        Some(Ok(limit)) => limit.min(MOST_LISTED),
        Some(Err(_)) => return Err(OperationsError::bad("`limit` is a number")),
    };
    let search = ThreadSearch {
        person: of("person"),
        account: of("account").map(Into::into),
        group,
        limit: limit + 1,
    };
    let mut threads = page.journal.threads(search).await?;
    let has_more = threads.len() > limit;
    threads.truncate(limit);
    let threads: Vec<_> = threads
        .iter()
        .map(|thread| with_name(json!(thread)))
        .collect();
    let now = page.clock.now();
    Ok(Json(
        json!({ "now": now, "threads": threads, "has_more": has_more }),
    ))
}

/// Adds the name of an app that is Meta's.
fn with_name(mut thread: Value) -> Value {
    let name = thread["owner_app"].as_str().and_then(super::page::app_name);
    thread["owner_name"] = name.into();
    thread
}

/// `GET /threads/{account}/{person}`; with a token and `?texts=true`, also what people have said.
pub(super) async fn one(
    State(page): State<Arc<PageState>>,
    Path((account, person)): Path<(String, String)>,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
) -> Result<Json<Value>, OperationsError> {
    let texts = parameter(query.as_deref(), "texts").is_some_and(|texts| texts == "true");
    if texts {
        check_operator(&page.secrets, &headers)?;
    }
    let key = ThreadKey::new(account, person.as_str());
    let state = page.journal.thread(key.clone()).await?;
    let export = page.journal.export(key).await?;
    let now = page.clock.now();
    let ownership = state.ownership_at(now);
    let app = match &ownership.owner {
        crate::Owner::Other(app) => app.clone(),
        _ => None,
    };
    let owner = match &ownership.owner {
        crate::Owner::Bot => "bot",
        crate::Owner::Nobody => "nobody",
        crate::Owner::Other(_) => "other",
        crate::Owner::Unknown => "unknown",
    };
    let window = state.window(now);
    let mut kept = json!(export);
    if !texts {
        hide_all_texts(&mut kept["session"]);
        for part in [
            "history",
            "events",
            "calls",
            "timers",
            "dead_letters",
            "receipts",
        ] {
            hide(&mut kept[part]);
        }
    }
    Ok(Json(json!({
        "now": now,
        "account": export.thread.account,
        "person": export.thread.party,
        "owner": owner,
        "owner_name": app.as_ref().and_then(|app| super::page::app_name(app.as_str())),
        "owner_app": app,
        "owner_since": ownership.since,
        "paused_until": ownership.paused_until,
        "person_wrote_at": state.person_wrote_at,
        "window_until": window.open_until.filter(|until| *until > now),
        "texts": texts,
        "kept": kept,
    })))
}

/// Of a row, what it says; not its name and its cause.
fn hide(part: &mut Value) {
    let Value::Array(rows) = part else {
        return hide_texts(part);
    };
    for row in rows {
        let Value::Object(fields) = row else {
            hide_texts(row);
            continue;
        };
        for (name, value) in fields {
            if !matches!(name.as_str(), "name" | "cause" | "speaker" | "app" | "mid") {
                hide_texts(value);
            }
        }
    }
}
