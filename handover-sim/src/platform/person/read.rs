use handover_protocol::{EventBody, PersonId, Read, Timestamp};

use super::super::thread::Author;
use super::super::{ActError, Platform, Product, Step};

impl Platform {
    /// The person's chat shows all there is. The answer says whether anything was unread.
    ///
    /// Messenger says until when everything is read, Instagram which message was read.
    pub fn read(&mut self, person: &PersonId, now: Timestamp) -> Result<Step<bool>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        let newest = scene
            .thread
            .messages()
            .rfind(|message| message.author != Author::Person)
            .filter(|message| !scene.thread.has_read(message))
            .map(|message| message.mid.clone());
        let Some(mid) = newest else {
            return Ok(scene.close(false));
        };
        scene.thread.read_until = Some(now);
        let read = match scene.account.product {
            Product::Messenger => Read {
                watermark: Some(now),
                ..Read::default()
            },
            Product::Instagram => Read {
                mid: Some(mid),
                ..Read::default()
            },
        };
        let event = scene.by_person(EventBody::Read(read));
        scene.announce(&event);
        Ok(scene.close(true))
    }
}
