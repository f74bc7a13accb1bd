use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use handover_protocol::{AccountId, PersonId};
use serde::Deserialize;
use serde_json::json;

use super::super::shared_state::{SharedState, Snapshot};
use super::super::view::{EntryView, ThreadView};
use super::response::{ApiResult, ControlApiError, JsonResponse, number, query};
use crate::platform::{Folder, Thread};

const THREADS: u64 = 100;
const MAX_THREADS: u64 = 200;
const ENTRIES: u64 = 100;
const MAX_ENTRIES: u64 = 500;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct ThreadsQuery {
    account: Option<AccountId>,
    folder: Option<Folder>,
    search: Option<String>,
    before: Option<String>,
    limit: Option<String>,
}

/// `GET /control/threads`: lists threads, newest activity first.
pub(super) async fn threads(
    State(shared): State<Arc<SharedState>>,
    RawQuery(text): RawQuery,
) -> ApiResult {
    let filter: ThreadsQuery = query(text.as_deref())?;
    let before = number("before", filter.before.as_deref())?.unwrap_or(u64::MAX);
    let limit = limit(filter.limit.as_deref(), THREADS, MAX_THREADS)?;
    let search = filter.search.as_ref().map(|text| text.to_lowercase());
    Ok(shared.snapshot(|snapshot| {
        let fits = |thread: &&Thread| filter.fits(search.as_deref(), thread, &snapshot);
        let mut fitting = snapshot
            .activity
            .newest(before)
            .filter_map(|(place, person)| {
                let thread = snapshot.platform.thread(person).filter(fits)?;
                Some((place, thread))
            });
        let page: Vec<_> = fitting.by_ref().take(limit).collect();
        let more = fitting.next().is_some();
        let next = page.last().filter(|_| more).map(|(place, _)| place);
        let threads: Vec<_> = page
            .iter()
            .map(|(_, thread)| ThreadView::of(&snapshot, thread))
            .collect();
        JsonResponse::of(&json!({"threads": threads, "next": next.map(u64::to_string)}))
    }))
}

impl ThreadsQuery {
    /// Threads without entries are in no folder.
    fn fits(&self, search: Option<&str>, thread: &Thread, snapshot: &Snapshot<'_>) -> bool {
        let in_folder =
            |folder| thread.folder(snapshot.now) == folder && !thread.entries.is_empty();
        let found = |text: &str| {
            thread.name.to_lowercase().contains(text)
                || thread.person.as_str().contains(text)
                || thread.messages().next_back().is_some_and(|message| {
                    let last = message.text.as_deref().unwrap_or_default();
                    last.to_lowercase().contains(text)
                })
        };
        self.account
            .as_ref()
            .is_none_or(|account| thread.account == *account)
            && self.folder.is_none_or(in_folder)
            && search.is_none_or(found)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct EntriesQuery {
    before: Option<String>,
    limit: Option<String>,
}

/// `GET /control/threads/{person}`: returns the newest entries, or those before `before`.
pub(super) async fn thread(
    State(shared): State<Arc<SharedState>>,
    Path(person): Path<PersonId>,
    RawQuery(text): RawQuery,
) -> ApiResult {
    let page: EntriesQuery = query(text.as_deref())?;
    let before = number("before", page.before.as_deref())?;
    let limit = limit(page.limit.as_deref(), ENTRIES, MAX_ENTRIES)?;
    shared.snapshot(|snapshot| {
        let thread = snapshot
            .platform
            .thread(&person)
            .ok_or_else(|| no_thread(&person))?;
        let end = before.and_then(|before| usize::try_from(before).ok());
        let end = end.unwrap_or(usize::MAX).min(thread.entries.len());
        let from = end.saturating_sub(limit);
        let entries: Vec<_> = EntryView::range(snapshot.platform, thread, from..end).collect();
        Ok(JsonResponse::of(&json!({
            "thread": ThreadView::of(&snapshot, thread),
            "entries": entries,
            "from": from,
        })))
    })
}

pub(super) fn no_thread(person: &PersonId) -> ControlApiError {
    ControlApiError::Unknown(format!(
        "there is no thread with person {person}: a reset may have removed it"
    ))
}

pub(super) fn limit(text: Option<&str>, usual: u64, most: u64) -> ApiResult<usize> {
    let limit = number("limit", text)?.unwrap_or(usual).clamp(1, most);
    Ok(usize::try_from(limit).unwrap_or(usize::MAX))
}
