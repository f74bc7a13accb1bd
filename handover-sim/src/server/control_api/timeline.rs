use std::sync::Arc;

use axum::extract::{Path, RawQuery, State};
use handover_protocol::{AccountId, AppId, PersonId};
use serde::Deserialize;
use serde_json::json;

use super::super::internal_call::InternalCall;
use super::super::shared_state::SharedState;
use super::super::timeline_item::{TimelineItem, TimelineKind, TimelineState};
use super::super::view::RowView;
use super::response::{ApiResult, ControlApiError, JsonResponse, number, query};
use super::threads::limit;

const ROWS: u64 = 100;
const MAX_ROWS: u64 = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TimelineQuery {
    before: Option<String>,
    after: Option<String>,
    limit: Option<String>,
    kind: Option<TimelineKind>,
    app: Option<AppId>,
    account: Option<AccountId>,
    person: Option<PersonId>,
    title: Option<String>,
    state: Option<TimelineState>,
    search: Option<String>,
}

/// `GET /control/timeline`: lists rows, newest first, or oldest first with `after`.
pub(super) async fn rows(
    State(shared): State<Arc<SharedState>>,
    RawQuery(text): RawQuery,
) -> ApiResult {
    let filter: TimelineQuery = query(text.as_deref())?;
    let after = number("after", filter.after.as_deref())?;
    let before = number("before", filter.before.as_deref())?.unwrap_or(u64::MAX);
    let limit = limit(filter.limit.as_deref(), ROWS, MAX_ROWS)?;
    let search = filter.search.as_ref().map(|text| text.to_lowercase());
    Ok(shared.snapshot(|snapshot| {
        let fits = |row: &&TimelineItem| filter.fits(search.as_deref(), row);
        let (page, more): (Vec<_>, _) = match after {
            Some(after) => {
                let mut rows = snapshot.timeline.after(after).filter(fits);
                let page = rows.by_ref().take_while(|row| row.id < before).take(limit);
                (page.collect(), rows.next().is_some())
            }
            None => {
                let mut rows = snapshot.timeline.before(before).filter(fits);
                (rows.by_ref().take(limit).collect(), rows.next().is_some())
            }
        };
        let next = page.last().filter(|_| more).map(|row| row.id.to_string());
        let rows: Vec<_> = page.into_iter().map(RowView::of).collect();
        JsonResponse::of(&json!({"rows": rows, "next": next}))
    }))
}

impl TimelineQuery {
    fn fits(&self, search: Option<&str>, row: &TimelineItem) -> bool {
        // Titles are separated by commas.
        let titled = |titles: &str| titles.split(',').any(|title| title == row.title);
        let found = |text: &str| {
            let bodies = [&row.request, &row.response].into_iter().flatten();
            let texts = bodies.map(|body| &**body);
            let texts = texts
                .chain([row.title.as_str(), &*row.url])
                .chain(row.error.as_deref());
            texts.into_iter().any(|part| contains(part, text))
        };
        self.kind.is_none_or(|kind| row.kind == kind)
            && self.state.is_none_or(|state| row.state == state)
            && (self.app.is_none() || self.app == row.app)
            && (self.account.is_none() || self.account == row.account)
            && (self.person.is_none() || self.person == row.person)
            && self.title.as_deref().is_none_or(titled)
            && search.is_none_or(found)
    }
}

/// Whether the text contains another one, which is lower case, ignoring case.
fn contains(part: &str, text: &str) -> bool {
    part.len() >= text.len() && part.to_lowercase().contains(text)
}

/// `GET /control/timeline/{id}`: returns a row with request and response.
pub(super) async fn row(
    State(shared): State<Arc<SharedState>>,
    Path(id): Path<String>,
) -> ApiResult {
    let id = row_id(&id)?;
    shared.snapshot(|snapshot| {
        let row = snapshot.timeline.row(id).ok_or_else(|| no_row(id))?;
        Ok(JsonResponse::of(row))
    })
}

/// `POST /control/timeline/{id}/again`.
pub(super) async fn again(
    State(shared): State<Arc<SharedState>>,
    Path(id): Path<String>,
) -> ApiResult {
    let id = row_id(&id)?;
    let row = shared.snapshot(|snapshot| snapshot.timeline.row(id).cloned());
    let row = row.ok_or_else(|| no_row(id))?;
    let new = match row.kind {
        TimelineKind::Webhook => shared.deliver_again(id),
        TimelineKind::Call => match InternalCall::repeated(&shared, &row) {
            Some(call) => call.execute(&shared).await.row,
            None => None,
        },
        TimelineKind::Verification | TimelineKind::DataDeletion => None,
    };
    let id = new.ok_or_else(|| {
        ControlApiError::Forbidden(
            "only webhooks and calls of known apps can be repeated, while the app has a webhook or \
             a token"
                .to_owned(),
        )
    })?;
    Ok(JsonResponse::of(&json!({ "id": id })))
}

/// Parses a row id.
pub(super) fn row_id(text: &str) -> ApiResult<u64> {
    number("id", Some(text)).map(Option::unwrap_or_default)
}

pub(super) fn no_row(id: u64) -> ControlApiError {
    ControlApiError::Unknown(format!(
        "there is no row {id} in the timeline: a reset may have removed it, or too old"
    ))
}
