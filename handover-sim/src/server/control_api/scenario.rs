//! Generates a scenario test in Rust from a thread: repeats the actions and waits for the results.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use handover_protocol::{AppId, PersonId};

use super::super::shared_state::SharedState;
use super::response::ApiResult;
use super::threads::no_thread;
use crate::platform::{
    ChatEntry, ChatMessage, Handover, HandoverKind, MessageAuthor, Origin, Thread,
};

/// `GET /control/threads/{person}/scenario`.
pub(super) async fn scenario(
    State(shared): State<Arc<SharedState>>,
    Path(person): Path<PersonId>,
) -> ApiResult<impl IntoResponse> {
    let text =
        shared.read(|platform, _| Some(ScenarioResponse::of(platform.thread(&person)?).text));
    let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
    Ok(([kind], text.ok_or_else(|| no_thread(&person))?))
}

struct ScenarioResponse<'a> {
    thread: &'a Thread,
    inbox: AppId,
    inbox_owns: bool,
    text: String,
}

impl<'a> ScenarioResponse<'a> {
    fn of(thread: &'a Thread) -> Self {
        let name = &thread.name;
        let expires = |entry: &ChatEntry| matches!(entry, ChatEntry::Handover(handover) if handover.kind == HandoverKind::Expired);
        let is_beside = |entry: &ChatEntry| match entry {
            ChatEntry::Message(message) => !matches!(message.origin, None | Some(Origin::Inbox)),
            ChatEntry::Handover(_) => false,
        };
        let mut words = vec!["Scenario"];
        if thread.entries.iter().any(is_beside) {
            words.insert(0, "Origin");
        }
        if thread.entries.iter().any(expires) {
            words.insert(0, "DurationExt");
        }
        let words = match words[..] {
            [only] => only.to_owned(),
            _ => format!("{{{}}}", words.join(", ")),
        };
        let mut scenario = Self {
            thread,
            inbox: thread.product.inbox(),
            inbox_owns: false,
            text: format!(
                "use handover::testing::{words};\n\n\
                 /// Saved from a thread with {}. `bot()` returns the bot under test.\n\
                 #[tokio::test]\n\
                 async fn saved_scenario() {{\n    \
                     let scenario = Scenario::with(bot()).await;\n    \
                     let person = scenario.person({name:?});\n",
                name.escape_debug(),
            ),
        };
        for (index, entry) in thread.entries.iter().enumerate() {
            match entry {
                ChatEntry::Message(message) => scenario.message(index, message),
                ChatEntry::Handover(handover) => scenario.handover(index, handover),
            }
        }
        scenario
            .text
            .push_str("    person.sees_nothing_more().await;\n}\n");
        scenario
    }

    fn line(&mut self, code: &str) {
        self.text.push_str("    ");
        self.text.push_str(code);
        self.text.push('\n');
    }

    fn message(&mut self, index: usize, message: &ChatMessage) {
        let code = match (&message.author, message.text.as_deref()) {
            (MessageAuthor::Person, Some(text)) => self.said(index, text),
            (MessageAuthor::Person, None) => sent(message),
            (MessageAuthor::App(_), Some(text)) if message.origin.is_some() => {
                self.of_metas_own(message.origin, text)
            }
            (MessageAuthor::App(_), Some(text)) => format!("person.sees({text:?}).await;"),
            (MessageAuthor::App(_), None) if !message.texts().is_empty() => {
                let texts = message.texts();
                format!("person.sees({:?}).await;", texts[0])
            }
            (MessageAuthor::App(_), None) => {
                let is_it = "|message| message.text.is_none()";
                format!("person.sees_something(\"a template or attachment\", {is_it}).await;")
            }
        };
        self.line(&code);
        if let (Some(_), Some(text)) = (message.origin, message.text.as_deref()) {
            self.line(&format!("person.sees({text:?}).await;"));
        }
    }

    /// Code for messages of the inbox and of Meta's apps and automations.
    fn of_metas_own(&self, origin: Option<Origin>, text: &str) -> String {
        match origin {
            Some(Origin::Inbox) if self.inbox_owns => {
                format!("scenario.inbox().replies(&person, {text:?}).await;")
            }
            Some(Origin::Inbox) | None => {
                format!("scenario.inbox().says(&person, {text:?}).await;")
            }
            Some(origin) => {
                format!("scenario.inbox().says_as(&person, {text:?}, Origin::{origin:?}).await;")
            }
        }
    }

    /// Code for a text of the person. Taps are recognized by their titles.
    fn said(&self, index: usize, text: &str) -> String {
        let before = self.thread.entries.get(..index).unwrap_or_default();
        let mut messages = before.iter().rev().filter_map(|entry| match entry {
            ChatEntry::Message(message) => Some(message),
            ChatEntry::Handover(_) => None,
        });
        let offers = |message: &ChatMessage| {
            let mut replies = message.quick_replies.iter();
            replies.any(|reply| reply.title.as_deref() == Some(text))
        };
        let has_button = |message: &ChatMessage| {
            let mut buttons = message.buttons().into_iter();
            buttons.any(|button| button.kind == "postback" && button.title == text)
        };
        let newest = messages.next();
        if newest.is_none() && text == "Get Started" {
            "person.taps_get_started().await;".to_owned()
        } else if newest.is_some_and(offers) {
            format!("person.taps_quick_reply({text:?}).await;")
        } else if newest.into_iter().chain(messages).any(has_button) {
            format!("person.taps_button({text:?}).await;")
        } else {
            format!("person.says({text:?}).await;")
        }
    }

    fn handover(&mut self, index: usize, handover: &Handover) {
        let is_inbox = |app: &Option<AppId>| app.as_ref() == Some(&self.inbox);
        if handover.kind != HandoverKind::Requested {
            self.inbox_owns = is_inbox(&handover.to);
        }
        let next = self.thread.entries.get(index + 1);
        let replies_next = next.is_some_and(|entry| match entry {
            ChatEntry::Message(message) => message.author == MessageAuthor::App(self.inbox.clone()),
            ChatEntry::Handover(_) => false,
        });
        let code = match handover.kind {
            HandoverKind::Taken if is_inbox(&handover.to) && replies_next => return,
            HandoverKind::Taken if is_inbox(&handover.to) => {
                "scenario.inbox().takes(&person).await;"
            }
            HandoverKind::Requested if is_inbox(&handover.to) => {
                "scenario.inbox().requests(&person).await;"
            }
            HandoverKind::Passed if is_inbox(&handover.from) => {
                "scenario.inbox().done(&person).await;"
            }
            HandoverKind::Passed if is_inbox(&handover.to) => {
                "scenario.inbox().sees(&person).await;"
            }
            HandoverKind::Expired => "scenario.pass_time(25.hours()).await;",
            HandoverKind::Released => "scenario.nobody_owns(&person).await;",
            HandoverKind::Routed
            | HandoverKind::Requested
            | HandoverKind::Passed
            | HandoverKind::Taken => return,
        };
        self.line(code);
    }
}

fn sent(message: &ChatMessage) -> String {
    let sent = message.attachment.as_ref();
    match sent.and_then(|sent| Some((&sent.kind, sent.payload.url.as_ref()?))) {
        Some((kind, url)) => format!("person.sends({kind:?}, {url:?}).await;"),
        None => "// The person sent something without text here.".to_owned(),
    }
}
