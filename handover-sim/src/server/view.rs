//! Threads and settings in the form of the control API.

use handover_protocol::{
    AccountId, AppId, Channel, OutgoingAttachment, PersonId, QuickReply, Timestamp,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::shared_state::Snapshot;
use super::summary::summary;
use super::timeline_item::{TimelineItem, TimelineKind, TimelineState};
use crate::platform::{
    Account, App, Behavior, ChatEntry, ChatMessage, Folder, Handover, HandoverKind, MessageAuthor,
    Origin, Platform, Thread,
};

/// Maximum of the unread count.
const MAX_UNREAD: usize = 99;

const INBOXES: [AppId; 2] = [AppId::PAGE_INBOX, AppId::INSTAGRAM_INBOX];

/// `GET /control/state`.
#[derive(Serialize)]
pub(super) struct StateView {
    /// Changes with each reset, after which earlier data is invalid.
    epoch: u64,
    now: Timestamp,
    clock_offset_ms: u64,
    accounts: Vec<Value>,
    apps: Vec<Value>,
    behavior: Behavior,
    faults: Value,
    persons: usize,
    timeline: Value,
}

impl StateView {
    pub(super) fn of(snapshot: &Snapshot<'_>) -> Self {
        let platform = snapshot.platform;
        let timeline = snapshot.timeline;
        Self {
            epoch: snapshot.epoch,
            now: snapshot.now,
            clock_offset_ms: u64::try_from(snapshot.clock_offset.as_millis()).unwrap_or(u64::MAX),
            accounts: platform.accounts().iter().map(account_view).collect(),
            apps: platform
                .apps()
                .iter()
                .map(|app| app_view(snapshot, app))
                .collect(),
            behavior: platform.behavior(),
            faults: json!(snapshot.faults),
            persons: platform.threads().len(),
            timeline: json!({"first": timeline.first(), "last": timeline.last()}),
        }
    }
}

fn account_view(account: &Account) -> Value {
    let apps: Vec<_> = account
        .connections()
        .iter()
        .map(|connection| {
            json!({
                "id": connection.app,
                "can_take": connection.can_take,
                "standby": connection.standby,
                "subscribed": connection.subscribed,
                "fields": connection.fields,
            })
        })
        .collect();
    json!({
        "id": account.id,
        "product": account.product,
        "name": account.name,
        "page": account.page,
        "routing": account.routing,
        "get_started": account.get_started,
        "ads": account.ads,
        "instant_reply": account.instant_reply,
        "away_message": account.away_message,
        "apps": apps,
    })
}

fn app_view(snapshot: &Snapshot<'_>, app: &App) -> Value {
    let callback = snapshot.callbacks.get(&app.id);
    json!({
        "id": app.id,
        "name": app.name,
        "inbox": INBOXES.contains(&app.id),
        "webhook": callback.map(|callback| callback.url.as_str()),
        "verified": callback.and_then(|callback| callback.verified),
    })
}

/// Id and name.
#[derive(Serialize)]
struct Named<'a, Id> {
    id: Id,
    name: &'a str,
}

fn named<'a>(platform: &'a Platform, id: &'a AppId) -> Named<'a, &'a AppId> {
    let name = platform.app(id).map_or(id.as_str(), |app| &app.name);
    Named { id, name }
}

/// A thread without its entries.
#[derive(Serialize)]
pub(super) struct ThreadView<'a> {
    person: Named<'a, &'a PersonId>,
    locale: &'a str,
    timezone: f64,
    account: &'a AccountId,
    owner: Option<Named<'a, &'a AppId>>,
    expiration: Option<Timestamp>,
    window_until: Option<Timestamp>,
    folder: Folder,
    requested: bool,
    typing_until: Option<Timestamp>,
    seen_until: Option<Timestamp>,
    revision: u64,
    entries: usize,
    unread: usize,
    last: Option<LastView<'a>>,
}

/// The newest message of a thread.
#[derive(Serialize)]
struct LastView<'a> {
    at: Timestamp,
    by: &'a str,
    text: Option<&'a str>,
}

impl<'a> ThreadView<'a> {
    pub(super) fn of(snapshot: &Snapshot<'a>, thread: &'a Thread) -> Self {
        let (platform, now) = (snapshot.platform, snapshot.now);
        let from_apps = |message: &&ChatMessage| message.author != MessageAuthor::Person;
        let unread = thread
            .messages()
            .rev()
            .filter(from_apps)
            .take_while(|message| !thread.has_read(message))
            .take(MAX_UNREAD);
        Self {
            person: Named {
                id: &thread.person,
                name: &thread.name,
            },
            locale: &thread.locale,
            timezone: thread.timezone,
            account: &thread.account,
            owner: thread.owner(now).map(|owner| named(platform, owner)),
            expiration: thread.expiration(now),
            window_until: thread.window_until(now),
            folder: thread.folder(now),
            requested: thread.requested,
            typing_until: thread.typing_until(now),
            seen_until: thread.seen_until,
            revision: snapshot.activity.revision_of(&thread.person),
            entries: thread.entries.len(),
            unread: unread.count(),
            last: thread.messages().next_back().map(|message| LastView {
                at: message.at,
                by: match &message.author {
                    MessageAuthor::Person => "person",
                    MessageAuthor::App(app) => app.as_str(),
                },
                text: message.text.as_deref(),
            }),
        }
    }
}

/// One entry of a thread.
#[derive(Serialize)]
#[serde(tag = "entry", rename_all = "snake_case")]
pub(super) enum EntryView<'a> {
    Message(MessageView<'a>),
    Handover(HandoverView<'a>),
}

#[derive(Serialize)]
pub(super) struct MessageView<'a> {
    index: usize,
    mid: &'a str,
    at: Timestamp,
    app: Option<Named<'a, &'a AppId>>,
    text: Option<&'a str>,
    attachment: Option<&'a OutgoingAttachment>,
    quick_replies: &'a [QuickReply],
    metadata: Option<&'a str>,
    reaction: Option<&'a str>,
    person_reaction: Option<&'a str>,
    reply_to: Option<&'a str>,
    edited: bool,
    unsent: bool,
    read: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    persona: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
}

#[derive(Serialize)]
pub(super) struct HandoverView<'a> {
    index: usize,
    at: Timestamp,
    kind: HandoverKind,
    from: Option<Named<'a, &'a AppId>>,
    to: Option<Named<'a, &'a AppId>>,
    metadata: Option<&'a str>,
}

impl<'a> EntryView<'a> {
    /// Returns a range of entries with their indexes.
    pub(super) fn range(
        platform: &'a Platform,
        thread: &'a Thread,
        range: std::ops::Range<usize>,
    ) -> impl Iterator<Item = Self> {
        let entries = thread.entries.get(range.clone()).unwrap_or_default();
        let numbered = range.zip(entries);
        numbered.map(move |(index, entry)| match entry {
            ChatEntry::Message(message) => Self::message(platform, thread, index, message),
            ChatEntry::Handover(handover) => Self::handover(platform, index, handover),
        })
    }

    fn message(
        platform: &'a Platform,
        thread: &'a Thread,
        index: usize,
        message: &'a ChatMessage,
    ) -> Self {
        Self::Message(MessageView {
            index,
            mid: &message.mid,
            at: message.at,
            app: match &message.author {
                MessageAuthor::Person => None,
                MessageAuthor::App(app) => Some(named(platform, app)),
            },
            text: message.text.as_deref(),
            attachment: message.attachment.as_ref(),
            quick_replies: &message.quick_replies,
            metadata: message.metadata.as_deref(),
            reaction: message.reaction.as_deref(),
            person_reaction: message.person_reaction.as_deref(),
            reply_to: message.reply_to.as_deref(),
            edited: message.edits > 0,
            unsent: message.unsent,
            persona: message.persona.as_deref(),
            origin: message.origin,
            read: match message.author {
                MessageAuthor::Person => thread.seen_until.is_some_and(|until| message.at <= until),
                MessageAuthor::App(_) => thread.has_read(message),
            },
        })
    }

    fn handover(platform: &'a Platform, index: usize, handover: &'a Handover) -> Self {
        let app = |id: &'a Option<AppId>| id.as_ref().map(|id| named(platform, id));
        Self::Handover(HandoverView {
            index,
            at: handover.at,
            kind: handover.kind,
            from: app(&handover.from),
            to: app(&handover.to),
            metadata: handover.metadata.as_deref(),
        })
    }
}

/// Timeline row without bodies.
#[derive(Serialize)]
pub(super) struct RowView<'a> {
    id: u64,
    at: Timestamp,
    kind: TimelineKind,
    app: Option<&'a AppId>,
    account: Option<&'a AccountId>,
    person: Option<&'a PersonId>,
    title: &'a str,
    channel: Option<Channel>,
    method: &'a str,
    url: &'a str,
    state: TimelineState,
    status: Option<u16>,
    attempts: u32,
    millis: Option<f64>,
    error: Option<&'a str>,
    fault: Option<&'static str>,
    /// Short summary.
    summary: Option<String>,
}

impl<'a> RowView<'a> {
    pub(super) fn of(row: &'a TimelineItem) -> Self {
        Self {
            id: row.id,
            at: row.at,
            kind: row.kind,
            app: row.app.as_ref(),
            account: row.account.as_ref(),
            person: row.person.as_ref(),
            title: &row.title,
            channel: row.channel,
            method: &row.method,
            url: &row.url,
            state: row.state,
            status: row.status,
            attempts: row.attempts,
            millis: row.millis,
            error: row.error.as_deref(),
            fault: row.fault,
            summary: summary(row),
        }
    }
}
