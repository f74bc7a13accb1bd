//! The desk's own API: what the page's buttons do.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use handover_protocol::PersonId;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::desk::Desk;
use crate::platform::ActError;

/// `POST /desk/{act}` with the act's fields as a JSON object.
#[derive(Debug, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
enum Act {
    Person {
        name: String,
    },
    Say {
        person: PersonId,
        text: String,
    },
    GetStarted {
        person: PersonId,
    },
    QuickReply {
        person: PersonId,
        title: String,
    },
    Button {
        person: PersonId,
        mid: String,
        index: usize,
    },
    Read {
        person: PersonId,
    },
    InboxReply {
        person: PersonId,
        text: String,
    },
    InboxDone {
        person: PersonId,
    },
    InboxTake {
        person: PersonId,
    },
    InboxRequest {
        person: PersonId,
    },
    Reset,
}

pub(super) async fn control(
    State(desk): State<Arc<Desk>>,
    Path(act): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    // Pages of other sites can post forms and plain text here without asking, but not JSON.
    let is_json = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !is_json {
        let why = "send the act's fields as application/json";
        return answer(StatusCode::UNSUPPORTED_MEDIA_TYPE, &json!({ "error": why }));
    }
    match read(act, &body) {
        Ok(act) => match act.carry_out(&desk) {
            Ok(done) => answer(StatusCode::OK, &done),
            Err(error) => answer(StatusCode::CONFLICT, &json!({"error": error.to_string()})),
        },
        Err(error) => answer(
            StatusCode::BAD_REQUEST,
            &json!({"error": error.to_string()}),
        ),
    }
}

fn read(act: String, body: &[u8]) -> Result<Act, serde_json::Error> {
    let mut fields: Map<String, Value> = serde_json::from_slice(body)?;
    fields.insert("act".to_owned(), Value::String(act));
    serde_json::from_value(Value::Object(fields))
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let json = [(header::CONTENT_TYPE, "application/json")];
    (status, json, body.to_string()).into_response()
}

impl Act {
    fn carry_out(self, desk: &Desk) -> Result<Value, ActError> {
        let mid = |mid: String| json!({ "mid": mid });
        let nothing = |()| json!({});
        match self {
            Self::Person { name } if name.trim().is_empty() => Err(ActError::Empty),
            Self::Person { name } => Ok(json!({"person": desk.person(name.trim())})),
            Self::Say { person, text } => desk
                .act(|platform, now| platform.say(&person, &text, now))
                .map(mid),
            Self::GetStarted { person } => desk
                .act(|platform, now| platform.get_started(&person, now))
                .map(mid),
            Self::QuickReply { person, title } => desk
                .act(|platform, now| platform.tap_quick_reply(&person, &title, now))
                .map(mid),
            Self::Button {
                person,
                mid: message,
                index,
            } => desk
                .act(|platform, now| platform.tap_button(&person, &message, index, now))
                .map(mid),
            Self::Read { person } => desk
                .act(|platform, now| platform.read(&person, now))
                .map(|unread| json!({ "unread": unread })),
            Self::InboxReply { person, text } => desk
                .act(|platform, now| platform.inbox_reply(&person, &text, now))
                .map(mid),
            Self::InboxDone { person } => desk
                .act(|platform, now| platform.inbox_done(&person, now))
                .map(nothing),
            Self::InboxTake { person } => desk
                .act(|platform, now| platform.inbox_take(&person, now))
                .map(nothing),
            Self::InboxRequest { person } => desk
                .act(|platform, now| platform.inbox_request(&person, now))
                .map(nothing),
            Self::Reset => {
                desk.reset();
                Ok(json!({}))
            }
        }
    }
}
