use handover_protocol::{EventBody, Message, MessageEdit, PersonId, Timestamp};

use super::super::{ActionError, Platform, Step};

/// Maximum number of edits of a message (webhooks, `message_edits`).
const EDITS: u32 = 5;

impl Platform {
    /// The person edits their own message, at most five times.
    pub fn edit(
        &mut self,
        person: &PersonId,
        mid: &str,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        if text.trim().is_empty() {
            return Err(ActionError::Empty);
        }
        let message = tx.own_message(mid)?;
        if message.edits == EDITS || message.text.is_none() {
            return Err(ActionError::NotEditable(mid.to_owned()));
        }
        message.edits += 1;
        message.text = Some(text.to_owned());
        let edits = message.edits;
        let event = tx.by_person(EventBody::MessageEdit(MessageEdit {
            mid: Some(mid.to_owned()),
            text: Some(text.to_owned()),
            num_edit: Some(edits),
            ..MessageEdit::default()
        }));
        tx.announce(&event);
        Ok(tx.commit(()))
    }

    /// The person unsends their own message. Apps get a webhook on Instagram, and on Messenger if
    /// [`messenger_deletions`](super::super::Behavior::messenger_deletions) is set.
    pub fn unsend(
        &mut self,
        person: &PersonId,
        mid: &str,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        tx.own_message(mid)?.unsent = true;
        if tx.reports_deletions() {
            let event = tx.by_person(EventBody::Message(Message {
                mid: Some(mid.to_owned()),
                is_deleted: true,
                ..Message::default()
            }));
            tx.announce(&event);
        }
        Ok(tx.commit(()))
    }
}
