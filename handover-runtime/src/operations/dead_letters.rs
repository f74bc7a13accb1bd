//! Dead letters by cause, with advice; what a retry would send; and discarding them.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use foldhash::{HashMap, HashMapExt};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::check_operator;
use super::error::OperationsError;
use super::page::PageState;
use super::redact::hide_texts;
use crate::graph;
use crate::journal::{DeadLetterRow, NO_HANDLER, Replay, ReplayRefusal};

/// How many are looked at; older ones are counted.
const LOOKED_AT: usize = 2000;
/// Of how many it is shown what they say.
const PREVIEWED: usize = 200;

/// Dead letters with the same cause.
#[derive(Serialize)]
struct CauseGroup {
    /// The cause of the newest.
    cause: String,
    /// What to do.
    advice: String,
    code: Option<i64>,
    subcode: Option<i64>,
    /// Newest first.
    letters: Vec<ListedLetter>,
}

#[derive(Serialize)]
struct ListedLetter {
    id: u64,
    account: String,
    person: String,
    kind: String,
    name: String,
    at: i64,
}

/// Which dead letters.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ChosenLetters {
    ids: Vec<u64>,
    /// Whether texts are shown.
    #[serde(default)]
    texts: bool,
}

/// `GET /dead_letters`.
pub(super) async fn list(
    State(page): State<Arc<PageState>>,
) -> Result<Json<Value>, OperationsError> {
    let total = page.journal.total_backlog().await?.dead_letters;
    let rows = page.journal.dead_letter_rows(None, LOOKED_AT).await?;
    let listed = rows.len();
    Ok(Json(json!({
        "total": total.max(listed),
        "listed": listed,
        "causes": grouped(rows),
    })))
}

/// `POST /dead_letters/preview`: what a retry would send or handle, and what it would leave.
pub(super) async fn preview(
    State(page): State<Arc<PageState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, OperationsError> {
    check_operator(&page.secrets, &headers)?;
    let ChosenLetters { ids, texts } = chosen(&body)?;
    let replay = Replay::dead_letters().ids(ids.clone());
    let judged = match ids.is_empty() {
        true => Vec::new(),
        false => page.journal.preview(replay).await?,
    };
    let rows = page.journal.dead_letter_rows(Some(ids), PREVIEWED).await?;
    let previews = rows.into_iter().rev().map(|row| {
        let mut judged = judged.iter();
        let refusal = judged.find(|one| one.id == row.id);
        let refusal = refusal.and_then(|one| one.refusal.as_ref());
        let mut content = row.content;
        if !texts {
            hide_texts(&mut content);
        }
        json!({
            "id": row.id,
            "account": row.thread.account,
            "person": row.thread.party,
            "kind": row.kind,
            "name": row.name,
            "cause": row.cause,
            "refusal": refusal.map(ToString::to_string),
            "content": content,
        })
    });
    // Of all that were asked for.
    let count = |refusal| judged.iter().filter(|one| one.refusal == refusal).count();
    Ok(Json(json!({
        "letters": previews.collect::<Vec<_>>(),
        "ready": count(None),
        "may_arrive_twice": count(Some(ReplayRefusal::MayHaveBeenDelivered)),
    })))
}

/// `POST /dead_letters/discard`: deletes them.
pub(super) async fn discard(
    State(page): State<Arc<PageState>>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Json<Value>, OperationsError> {
    check_operator(&page.secrets, &headers)?;
    let ChosenLetters { ids, .. } = chosen(&body)?;
    let discarded = page.journal.discard(ids).await?;
    tracing::info!(discarded, "dead letters were discarded");
    Ok(Json(json!({ "discarded": discarded })))
}

fn chosen(body: &[u8]) -> Result<ChosenLetters, OperationsError> {
    serde_json::from_slice(body).map_err(|error| OperationsError::bad(format!("the body: {error}")))
}

/// By cause, the group with the newest first.
fn grouped(rows: Vec<DeadLetterRow>) -> Vec<CauseGroup> {
    let mut groups: Vec<CauseGroup> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    for row in rows {
        let at = *known.entry(key_of(&row)).or_insert_with(|| {
            let (code, subcode) = codes_in(&row.cause).unzip();
            groups.push(CauseGroup {
                advice: advice(&row),
                cause: row.cause.clone(),
                code,
                subcode: subcode.flatten(),
                letters: Vec::new(),
            });
            groups.len() - 1
        });
        groups[at].letters.push(ListedLetter {
            id: row.id,
            account: row.thread.account.to_string(),
            person: row.thread.party.to_string(),
            kind: row.kind,
            name: row.name,
            at: row.at.as_millis(),
        });
    }
    groups
}

/// What causes have in common: the platform's codes, otherwise the words without numbers.
fn key_of(row: &DeadLetterRow) -> String {
    let DeadLetterRow { kind, cause, .. } = row;
    match codes_in(cause) {
        Some((code, subcode)) => format!("{kind} {} {code} {subcode:?}", row.name),
        None => {
            let words = cause.split(|c: char| c.is_ascii_digit());
            let words: Vec<_> = words.filter(|part| !part.is_empty()).collect();
            format!("{kind} {}", words.join("#"))
        }
    }
}

/// The code and the subcode in the words of a [`GraphError`](crate::graph::GraphError).
fn codes_in(cause: &str) -> Option<(i64, Option<i64>)> {
    let rest = cause.split_once("(code ")?.1;
    let (codes, _) = rest.split_once(", HTTP ")?;
    let (code, subcode) = match codes.split_once(", subcode ") {
        Some((code, subcode)) => (code, Some(subcode.parse().ok()?)),
        None => (codes, None),
    };
    Some((code.parse().ok()?, subcode))
}

/// What to do about a cause that is not the platform's: what it contains, and the advice.
const ADVICE: &[(&str, &str)] = &[
    (
        "it may have been delivered",
        "Look in the conversation whether the message is there. If it is, discard; a retry would send it again.",
    ),
    (
        NO_HANDLER,
        "No handler takes this signal. Add one with #[on_signal], start the bot again, then retry.",
    ),
    (
        "the body of the webhook",
        "There is nothing to handle. See in the preview what it is: who sent it has the app secret. Then discard it.",
    ),
    (
        "the stored event cannot be read",
        "There is nothing to handle. See in the preview what it is, then discard it.",
    ),
    (
        "what another node has stored cannot be read",
        "A node of another version has stored it. Update this one, then retry if it is an event; otherwise discard it.",
    ),
    (
        "expired at",
        "It was to be done by a certain time. Discard it, or retry to do it now.",
    ),
    (
        "a message before it in the same outcome",
        "It belongs to a message that was refused. Retry that one first.",
    ),
    (
        "no access token for",
        "The bot does not speak for this account. Add the account with its token, then retry.",
    ),
    (
        "the access token of the account is refused",
        "Too many calls waited for another access token. Give the account one, then retry those that still make sense.",
    ),
    (
        "owns the thread",
        "Somebody else had the conversation. Retry once the bot has it again, or discard.",
    ),
    (
        "messaging window",
        "The person has to write again before the bot may. Then retry, or discard.",
    ),
    (
        "cannot be reached",
        "Check the network and GRAPH_API_URL, then retry.",
    ),
];

fn advice(row: &DeadLetterRow) -> String {
    let known = codes_in(&row.cause).and_then(|(code, subcode)| graph::what_to_do(code, subcode));
    if let Some(known) = known {
        let mut letters = known.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        return first.into_iter().chain(letters).chain(['.']).collect();
    }
    let mut found = ADVICE.iter();
    let found = found.find(|(part, _)| row.cause.contains(part));
    let advice = found.map(|(_, advice)| *advice);
    let advice = advice.unwrap_or(match row.kind.as_str() {
        "event" => {
            "A handler failed; the log names it. Repair it, start the bot again, then retry: the handler runs again."
        }
        "notice" => "Check the address of the notifier, then retry.",
        _ => "Remove the cause, then retry.",
    });
    advice.to_owned()
}

#[cfg(test)]
mod tests {
    use handover_protocol::Timestamp;

    use super::*;
    use crate::thread::ThreadKey;

    fn row(id: u64, kind: &str, name: &str, cause: &str) -> DeadLetterRow {
        DeadLetterRow {
            id,
            thread: ThreadKey::new("1", "2"),
            kind: kind.to_owned(),
            name: name.to_owned(),
            at: Timestamp::from_millis(7),
            cause: cause.to_owned(),
            content: Value::Null,
        }
    }

    #[test]
    fn causes_that_differ_in_numbers_are_one() {
        let refused = |trace: &str, message: &str| {
            format!(
                "messages was refused: {message} (code 10, subcode 2018278, HTTP 400, fbtrace_id {trace}); the messaging window is closed"
            )
        };
        let groups = grouped(vec![
            row(
                9,
                "call",
                "messages",
                &refused("Ab1", "outside of window for 12"),
            ),
            row(
                8,
                "call",
                "messages",
                &refused("Cd2", "outside of window for 34"),
            ),
            row(7, "event", "message", "it took longer than 30s"),
            row(6, "event", "message", "it took longer than 45s"),
            row(5, "event", "message", "it panicked: 7 is odd"),
            row(
                4,
                "event",
                "signal",
                "no handler takes the signal `shipped`",
            ),
        ]);
        let ids: Vec<Vec<u64>> = groups
            .iter()
            .map(|group| group.letters.iter().map(|letter| letter.id).collect())
            .collect();
        assert_eq!(ids, [vec![9, 8], vec![7, 6], vec![5], vec![4]]);
        assert_eq!(
            (groups[0].code, groups[0].subcode),
            (Some(10), Some(2_018_278))
        );
        assert!(
            groups[0]
                .advice
                .starts_with("The messaging window is closed"),
            "{}",
            groups[0].advice
        );
        assert!(
            groups[1].advice.contains("A handler failed"),
            "{}",
            groups[1].advice
        );
        assert!(
            groups[3].advice.contains("#[on_signal]"),
            "{}",
            groups[3].advice
        );
    }

    #[test]
    fn codes_are_found_in_the_words_of_an_error() {
        let of = |cause| codes_in(cause);
        assert_eq!(
            of("x was refused: y (code 190, HTTP 400)"),
            Some((190, None))
        );
        assert_eq!(
            of("x (code -1, subcode 2, HTTP 500, fbtrace_id A)"),
            Some((-1, Some(2)))
        );
        assert_eq!(of("x (code of conduct, HTTP 1)"), None);
        assert_eq!(of("it panicked"), None);
    }
}
