//! `GET /desk/events`: the state of the desk now and at every change, as server-sent events.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::State;
use axum::response::Sse;
use axum::response::sse::{Event, KeepAlive};
use futures_util::stream::{Stream, unfold};

use super::desk::Desk;
use super::view::View;

/// Rows of the timeline are sent when they are new or changed; the rest is sent whole. Changes
/// that happen while a message is being written go together into the next one.
pub(super) async fn events(
    State(desk): State<Arc<Desk>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let mut changes = desk.subscribe();
    changes.mark_changed();
    let stream = unfold(
        (desk, changes, 0),
        |(desk, mut changes, since)| async move {
            changes.changed().await.ok()?;
            if *changes.borrow_and_update() {
                return None;
            }
            let (event, revision) = desk.glance(|glance| {
                let view = serde_json::to_string(&View::of(&glance, since));
                // The view is made of plain JSON values and always has a text.
                (
                    Event::default().data(view.unwrap_or_default()),
                    glance.timeline.revision(),
                )
            });
            Some((Ok(event), (desk, changes, revision)))
        },
    );
    Sse::new(stream).keep_alive(KeepAlive::default())
}
