//! What the bot remembers of a thread: every event, in the order in which it was handled.

use serde::{Deserialize, Serialize};

/// A bot's session.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// An event and what was done about it, such as `t17.42 a`.
    pub(crate) chain: Vec<String>,
    /// Of all of `chain`, so that none can be changed unnoticed.
    pub(crate) hash: u64,
    /// The event that asked for a reminder which has not come yet.
    pub(crate) reminder: Option<String>,
}

/// What was done about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Deed {
    /// One message.
    Answered,
    /// A farewell, and the thread was passed to the inbox.
    HandedOff,
    /// One message and a timer.
    Reminding,
    /// A timer ran out.
    Reminded,
    /// Control came back: one message.
    Back,
    /// Somebody else had the thread: nothing.
    Seen,
    /// A signal: nothing.
    Noted,
    /// A signal that waits until the bot may speak: one message.
    Told,
}

impl Deed {
    const LETTERS: [(Self, char); 8] = [
        (Self::Answered, 'a'),
        (Self::HandedOff, 'h'),
        (Self::Reminding, 'r'),
        (Self::Reminded, 't'),
        (Self::Back, 'b'),
        (Self::Seen, 's'),
        (Self::Noted, 'n'),
        (Self::Told, 'd'),
    ];

    fn letter(self) -> char {
        let row = Self::LETTERS.iter().find(|(deed, _)| *deed == self);
        row.map_or('?', |(_, letter)| *letter)
    }

    fn of(letter: &str) -> Option<Self> {
        let row = Self::LETTERS
            .iter()
            .find(|(_, it)| letter == it.to_string());
        row.map(|(deed, _)| *deed)
    }
}

impl Memory {
    pub(crate) fn note(&mut self, event: &str, deed: Deed) {
        let link = format!("{event} {}", deed.letter());
        self.hash = after(self.hash, &link);
        self.chain.push(link);
    }

    /// The links of the chain, if they are what was put in.
    pub(crate) fn links(&self) -> Option<Vec<(&str, Deed)>> {
        let hash = self.chain.iter().fold(0, |hash, link| after(hash, link));
        if hash != self.hash {
            return None;
        }
        let links = self.chain.iter().map(|link| {
            let (event, letter) = link.split_once(' ')?;
            Some((event, Deed::of(letter)?))
        });
        links.collect()
    }
}

/// FNV-1a.
fn after(hash: u64, link: &str) -> u64 {
    link.bytes().fold(hash, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}
