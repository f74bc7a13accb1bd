use handover_protocol::{EventBody, PersonId, Read, Timestamp};

use super::super::thread::MessageAuthor;
use super::super::{ActionError, Platform, Product, Step};

impl Platform {
    /// The person reads all messages. Returns whether any message was unread.
    ///
    /// On Messenger the webhook contains a time, on Instagram a message id.
    pub fn read(&mut self, person: &PersonId, now: Timestamp) -> Result<Step<bool>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        let newest = tx
            .thread
            .messages()
            .rfind(|message| message.author != MessageAuthor::Person)
            .filter(|message| !tx.thread.has_read(message))
            .map(|message| message.mid.clone());
        let Some(mid) = newest else {
            return Ok(tx.commit(false));
        };
        tx.thread.read_until = Some(now);
        let read = match tx.account.product {
            Product::Messenger => Read {
                watermark: Some(now),
                ..Read::default()
            },
            Product::Instagram => Read {
                mid: Some(mid),
                ..Read::default()
            },
        };
        let event = tx.by_person(EventBody::Read(read));
        tx.announce(&event);
        Ok(tx.commit(true))
    }
}
