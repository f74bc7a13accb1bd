//! Transcript of messages while another app owns the thread.

use handover_protocol::{Channel, EventBody, Message, MessageEdit, Received, Timestamp};

use super::EventDispatcher;
use super::worker::ThreadContext;
use crate::internal_event::ThreadEvent;
use crate::journal::{PauseChange, Speaker, ThreadChange, TranscriptLine};

/// The longest text that is kept of one message, in characters.
const LONGEST: usize = 2000;

impl EventDispatcher {
    /// What the transcript gets of an event that has changed this of the thread.
    pub(super) fn heard(
        &self,
        thread: &ThreadContext,
        received_at: Timestamp,
        event: &ThreadEvent,
        change: &ThreadChange,
    ) -> ThreadChange {
        let now = self.settings.clock.now();
        let state = &thread.state;
        let mut heard = ThreadChange::default();
        if let Some(PauseChange::Begins { until, .. }) = &change.pause {
            tracing::info!(thread = %thread.key, %until, "a human answered; the bot is silent in this thread");
        }
        let Some(received) = event.platform() else {
            return heard;
        };
        match &received.event.body {
            EventBody::MessageEdit(MessageEdit {
                mid: Some(mid),
                text: Some(text),
                ..
            }) => heard.edited.push((mid.clone(), shortened(text))),
            body => {
                let deleted = body.deleted_message();
                heard
                    .deleted
                    .extend(deleted.and_then(|message| message.mid.clone()));
            }
        }
        let is_elsewhere = received.channel == Channel::Standby
            || state.ownership.other_owner(now).is_some()
            || state.known().is_paused(now);
        if thread.settings.transcripts && is_elsewhere {
            heard.heard.extend(line(received, received_at));
        }
        heard
    }
}

/// The line that an event adds, if it says something.
fn line(received: &Received, at: Timestamp) -> Option<TranscriptLine> {
    let (speaker, text, mid) = match &received.event.body {
        EventBody::Message(message) => (Speaker::Person, text_of(message)?, &message.mid),
        EventBody::Echo(message) => (Speaker::Agent, text_of(message)?, &message.mid),
        EventBody::Postback(postback) => (Speaker::Person, postback.title.clone()?, &postback.mid),
        _ => return None,
    };
    Some(TranscriptLine {
        at,
        speaker,
        text: shortened(&text),
        mid: mid.clone(),
    })
}

/// As much of a text as is kept.
fn shortened(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}

/// The text, or for a message without one what it holds.
fn text_of(message: &Message) -> Option<String> {
    if let Some(text) = &message.text {
        return Some(text.clone());
    }
    let kinds: Vec<_> = message
        .attachments
        .iter()
        .map(|attachment| format!("[{}]", attachment.kind))
        .collect();
    (!kinds.is_empty()).then(|| kinds.join(" "))
}
