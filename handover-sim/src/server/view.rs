//! The state of the desk as the page shows it.

use handover_protocol::{AppId, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};

use super::desk::Glance;
use super::timeline::TimelineItem;
use crate::platform::{Author, ChatMessage, Handover, Line, Platform, Thread};

/// What one message of `/desk/events` carries: the state, and the rows that are new or changed.
#[derive(Serialize)]
pub(super) struct View<'a> {
    /// Another era is another desk: nothing of what was shown before counts.
    era: u64,
    now: Timestamp,
    pages: Vec<Value>,
    apps: Vec<Value>,
    threads: Vec<Value>,
    timeline: Vec<&'a TimelineItem>,
}

impl<'a> View<'a> {
    pub(super) fn of(glance: &Glance<'a>, since: u64) -> Self {
        let platform = glance.platform;
        Self {
            era: glance.era,
            now: glance.now,
            pages: platform
                .accounts()
                .iter()
                .map(|page| {
                    let default_app = page.routing.default_app();
                    json!({"id": page.id, "name": page.name, "default_app": default_app})
                })
                .collect(),
            apps: platform
                .apps()
                .iter()
                .filter_map(|app| {
                    let connection = platform.accounts().first()?.connection(&app.id)?;
                    Some(json!({
                        "id": app.id,
                        "name": app.name,
                        "standby": connection.standby,
                        "subscribed": app.webhook && connection.subscribed,
                    }))
                })
                .collect(),
            threads: platform
                .threads()
                .iter()
                .map(|thread| thread_view(platform, thread, glance.now))
                .collect(),
            timeline: glance.timeline.changed_since(since).collect(),
        }
    }
}

fn thread_view(platform: &Platform, thread: &Thread, now: Timestamp) -> Value {
    json!({
        "person": {"id": thread.person, "name": thread.name},
        "page": thread.account,
        "owner": thread.owner(now).map(|owner| app_view(platform, owner)),
        "expiration": thread.expiration(now),
        "folder": thread.folder(now),
        "requested": thread.requested,
        "typing_until": thread.typing_until(now),
        "seen_until": thread.seen_until,
        "lines": thread.lines.iter().map(|line| match line {
            Line::Message(message) => message_view(platform, thread, message),
            Line::Handover(handover) => handover_view(platform, handover),
        }).collect::<Vec<_>>(),
    })
}

fn message_view(platform: &Platform, thread: &Thread, message: &ChatMessage) -> Value {
    json!({
        "line": "message",
        "mid": message.mid,
        "at": message.at,
        "app": match &message.author {
            Author::Person => Value::Null,
            Author::App(app) => app_view(platform, app),
        },
        "text": message.text,
        "attachment": message.attachment,
        "quick_replies": message.quick_replies,
        "metadata": message.metadata,
        "reaction": message.reaction,
        "read": thread.has_read(message),
    })
}

fn handover_view(platform: &Platform, handover: &Handover) -> Value {
    let app = |id: &Option<AppId>| id.as_ref().map(|id| app_view(platform, id));
    json!({
        "line": "handover",
        "at": handover.at,
        "kind": handover.kind,
        "from": app(&handover.from),
        "to": app(&handover.to),
        "metadata": handover.metadata,
    })
}

fn app_view(platform: &Platform, id: &AppId) -> Value {
    let known = platform.apps().iter().find(|app| app.id == *id);
    json!({"id": id, "name": known.map_or(id.as_str(), |app| &app.name)})
}
