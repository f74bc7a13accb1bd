use handover_protocol::{EventBody, Message, MessageEdit, PersonId, Timestamp};

use super::super::{ActError, Platform, Step};

/// How often a message may be edited (webhooks, `message_edits`).
const EDITS: u32 = 5;

impl Platform {
    /// The person edits a message of theirs, at most five times.
    pub fn edit(
        &mut self,
        person: &PersonId,
        mid: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<()>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        if text.trim().is_empty() {
            return Err(ActError::Empty);
        }
        let message = scene.own_message(mid)?;
        if message.edits == EDITS || message.text.is_none() {
            return Err(ActError::NotEditable(mid.to_owned()));
        }
        message.edits += 1;
        message.text = Some(text.to_owned());
        let edits = message.edits;
        let event = scene.by_person(EventBody::MessageEdit(MessageEdit {
            mid: Some(mid.to_owned()),
            text: Some(text.to_owned()),
            num_edit: Some(edits),
            ..MessageEdit::default()
        }));
        scene.announce(&event);
        Ok(scene.close(()))
    }

    /// The person takes a message back. Apps on Instagram get a webhook; on Messenger only if
    /// [`messenger_deletions`](super::super::Choices::messenger_deletions) says so.
    pub fn unsend(
        &mut self,
        person: &PersonId,
        mid: &str,
        now: Timestamp,
    ) -> Result<Step<()>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        scene.own_message(mid)?.unsent = true;
        if scene.reports_deletions() {
            let event = scene.by_person(EventBody::Message(Message {
                mid: Some(mid.to_owned()),
                is_deleted: true,
                ..Message::default()
            }));
            scene.announce(&event);
        }
        Ok(scene.close(()))
    }
}
