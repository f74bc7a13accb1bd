use std::collections::VecDeque;

use handover_protocol::PersonId;

/// Generates ids that look like the platform's. The same seed gives the same ids, another seed
/// gives other ids.
#[derive(Debug, Clone)]
pub(super) struct Ids {
    seed: u64,
    given: u64,
    /// Message ids to use before others are generated: those of a recording.
    recorded: VecDeque<String>,
}

impl Ids {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            given: 0,
            recorded: VecDeque::new(),
        }
    }

    /// Sets the id of the next message. Replaces one that was not used.
    pub(super) fn use_next(&mut self, mid: Option<String>) {
        self.recorded.clear();
        self.recorded.extend(mid);
    }

    pub(super) fn person(&mut self) -> PersonId {
        PersonId::from(1_000_000_000_000_000 + self.next() % 9_000_000_000_000_000)
    }

    pub(super) fn message(&mut self) -> String {
        if let Some(recorded) = self.recorded.pop_front() {
            return recorded;
        }
        format!("m_{:016x}{:016x}", self.next(), self.next())
    }

    /// Generates a numeric id.
    pub(super) fn number(&mut self) -> String {
        (1_000_000_000_000_000 + self.next() % 9_000_000_000_000_000).to_string()
    }

    /// SplitMix64: a bijection of the counter, so that ids are unique within a run.
    fn next(&mut self) -> u64 {
        self.given += 1;
        let mut z = self
            .seed
            .wrapping_add(self.given.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
