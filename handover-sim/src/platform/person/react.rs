use handover_protocol::{EventBody, PersonId, Reaction, Timestamp};

use super::super::{ActionError, Platform, Product, Step};

const MESSENGER: &[(&str, &str)] = &[
    ("smile", "😆"),
    ("angry", "😠"),
    ("sad", "😢"),
    ("wow", "😮"),
    ("love", "❤️"),
    ("like", "👍"),
    ("dislike", "👎"),
    ("other", "🔥"),
];

const INSTAGRAM: &[(&str, &str)] = &[
    ("angry", "😠"),
    ("sad", "😢"),
    ("wow", "😮"),
    ("love", "❤️"),
    ("like", "👍"),
    ("laugh", "😆"),
    ("other", "🔥"),
];

impl Platform {
    /// The person reacts to a message: `love`, `like` and others; the error lists all. A reaction
    /// opens the messaging window but does not extend control.
    pub fn react(
        &mut self,
        person: &PersonId,
        mid: &str,
        reaction: &str,
        emoji: Option<&str>,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        let known = match tx.account.product {
            Product::Messenger => MESSENGER,
            Product::Instagram => INSTAGRAM,
        };
        let Some((name, usual)) = known.iter().find(|(name, _)| *name == reaction) else {
            return Err(ActionError::NoSuchReaction {
                reaction: reaction.to_owned(),
                known: known.iter().map(|(name, _)| *name).collect(),
            });
        };
        let emoji = emoji.unwrap_or(usual);
        tx.message(mid)?.person_reaction = Some(emoji.to_owned());
        tx.thread.last_opening = Some(now);
        let event = tx.by_person(EventBody::Reaction(Reaction {
            reaction: Some((*name).to_owned()),
            emoji: Some(emoji.to_owned()),
            action: Some("react".to_owned()),
            mid: Some(mid.to_owned()),
            ..Reaction::default()
        }));
        tx.announce(&event);
        Ok(tx.commit(()))
    }

    /// The person removes their reaction.
    pub fn unreact(
        &mut self,
        person: &PersonId,
        mid: &str,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        if tx.message(mid)?.person_reaction.take().is_none() {
            return Err(ActionError::NoReaction(mid.to_owned()));
        }
        let event = tx.by_person(EventBody::Reaction(Reaction {
            action: Some("unreact".to_owned()),
            mid: Some(mid.to_owned()),
            ..Reaction::default()
        }));
        tx.announce(&event);
        Ok(tx.commit(()))
    }
}
