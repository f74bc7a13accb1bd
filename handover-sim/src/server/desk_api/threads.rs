use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use handover_protocol::{AccountId, PersonId};
use serde::Deserialize;
use serde_json::json;

use super::super::desk::{Desk, Glance};
use super::super::view::{LineView, ThreadView};
use super::answer::{Answer, Declined, Json, number, query};
use crate::platform::{Folder, Thread};

const THREADS: u64 = 100;
const MOST_THREADS: u64 = 200;
const LINES: u64 = 100;
const MOST_LINES: u64 = 500;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Wanted {
    account: Option<AccountId>,
    folder: Option<Folder>,
    search: Option<String>,
    before: Option<String>,
    limit: Option<String>,
}

/// `GET /desk/threads`: newest activity first.
pub(super) async fn threads(State(desk): State<Arc<Desk>>, RawQuery(text): RawQuery) -> Answer {
    let wanted: Wanted = query(text.as_deref())?;
    let before = number("before", wanted.before.as_deref())?.unwrap_or(u64::MAX);
    let limit = limit(wanted.limit.as_deref(), THREADS, MOST_THREADS)?;
    let search = wanted.search.as_ref().map(|text| text.to_lowercase());
    Ok(desk.glance(|glance| {
        let fits = |thread: &&Thread| wanted.fits(search.as_deref(), thread, &glance);
        let mut fitting = glance
            .activity
            .newest(before)
            .filter_map(|(place, person)| {
                let thread = glance.platform.thread(person).filter(fits)?;
                Some((place, thread))
            });
        let page: Vec<_> = fitting.by_ref().take(limit).collect();
        let more = fitting.next().is_some();
        let next = page.last().filter(|_| more).map(|(place, _)| place);
        let threads: Vec<_> = page
            .iter()
            .map(|(_, thread)| ThreadView::of(&glance, thread))
            .collect();
        Json::of(&json!({"threads": threads, "next": next.map(u64::to_string)}))
    }))
}

impl Wanted {
    /// Threads in which nothing was said yet are in no folder.
    fn fits(&self, search: Option<&str>, thread: &Thread, glance: &Glance<'_>) -> bool {
        let in_folder = |folder| thread.folder(glance.now) == folder && !thread.lines.is_empty();
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
struct Part {
    before: Option<String>,
    limit: Option<String>,
}

/// `GET /desk/threads/{person}`: its newest lines, or those before a place.
pub(super) async fn thread(
    State(desk): State<Arc<Desk>>,
    Path(person): Path<PersonId>,
    RawQuery(text): RawQuery,
) -> Answer {
    let part: Part = query(text.as_deref())?;
    let before = number("before", part.before.as_deref())?;
    let limit = limit(part.limit.as_deref(), LINES, MOST_LINES)?;
    desk.glance(|glance| {
        let thread = glance
            .platform
            .thread(&person)
            .ok_or_else(|| no_thread(&person))?;
        let end = before.and_then(|before| usize::try_from(before).ok());
        let end = end.unwrap_or(usize::MAX).min(thread.lines.len());
        let from = end.saturating_sub(limit);
        let lines: Vec<_> = LineView::range(glance.platform, thread, from..end).collect();
        Ok(Json::of(&json!({
            "thread": ThreadView::of(&glance, thread),
            "lines": lines,
            "from": from,
        })))
    })
}

pub(super) fn no_thread(person: &PersonId) -> Declined {
    Declined::Unknown(format!(
        "there is no thread with person {person}: it may be from before a reset"
    ))
}

pub(super) fn limit(text: Option<&str>, usual: u64, most: u64) -> Answer<usize> {
    let limit = number("limit", text)?.unwrap_or(usual).clamp(1, most);
    Ok(usize::try_from(limit).unwrap_or(usize::MAX))
}
