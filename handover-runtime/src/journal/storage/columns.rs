//! What the columns of a durable storage hold, whatever its database.

use handover_protocol::{AppId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::journal::ReceiptStatus;
use crate::journal::listing::ThreadSummary;
use crate::notice::Notice;
use crate::thread::Owner;

/// Stored form of a notice; its name distinguishes it from calls.
#[derive(Serialize, Deserialize)]
struct NoticeColumn<T> {
    notice: T,
}

pub(super) fn notice_to_json(notice: &Notice) -> serde_json::Result<String> {
    serde_json::to_string(&NoticeColumn { notice })
}

pub(super) fn notice_from_json(text: &str) -> serde_json::Result<Notice> {
    serde_json::from_str(text).map(|NoticeColumn { notice }| notice)
}

/// What the columns of a receipt say of its status; `detail` is the JSON of the whole.
pub(super) fn receipt_status(
    status: &str,
    detail: Option<&str>,
) -> serde_json::Result<ReceiptStatus> {
    match (status, detail) {
        (_, Some(detail)) => serde_json::from_str(detail),
        ("held", None) => Ok(ReceiptStatus::Held),
        ("handled", None) => Ok(ReceiptStatus::Handled),
        ("sent", None) => Ok(ReceiptStatus::Sent { message_id: None }),
        (_, None) => Ok(ReceiptStatus::Waiting),
    }
}

/// What there is to say of a status besides its name.
pub(super) fn receipt_detail(status: &ReceiptStatus) -> serde_json::Result<Option<String>> {
    match status {
        ReceiptStatus::Sent { .. } | ReceiptStatus::Failed { .. } => {
            serde_json::to_string(status).map(Some)
        }
        ReceiptStatus::Waiting | ReceiptStatus::Held | ReceiptStatus::Handled => Ok(None),
    }
}

/// The owner as its columns say.
pub(super) fn owner_of(owner: &str, app: Option<String>) -> Owner {
    match owner {
        "bot" => Owner::Bot,
        "nobody" => Owner::Nobody,
        "other" => Owner::Other(app.map(Into::into)),
        _ => Owner::Unknown,
    }
}

/// The columns of an owner.
pub(super) fn owner_columns(owner: &Owner) -> (&'static str, Option<&str>) {
    match owner {
        Owner::Unknown => ("unknown", None),
        Owner::Bot => ("bot", None),
        Owner::Nobody => ("nobody", None),
        Owner::Other(app) => ("other", app.as_ref().map(AppId::as_str)),
    }
}

/// A thread in a list, with its pause, when the person wrote, and its waiting events, calls and dead letters.
pub(super) fn listed_thread(
    listed: ThreadSummary,
    (paused_until, person_wrote_at): (Option<Timestamp>, Option<Timestamp>),
    [events, calls, dead_letters]: [u64; 3],
) -> ThreadSummary {
    ThreadSummary {
        paused_until: paused_until.filter(|until| *until > Timestamp::UNIX_EPOCH),
        person_wrote_at,
        events,
        calls,
        dead_letters,
        ..listed
    }
}
