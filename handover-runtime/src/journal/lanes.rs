//! Lanes: the parts in which several nodes share a journal.

use crate::thread::ThreadKey;

/// How many there are. Rows name their lane, so this never changes.
pub(super) const LANES: usize = 256;

impl ThreadKey {
    /// The lane of the thread. Rows name it, so it never changes: FNV-1a of its text, folded.
    pub(super) fn lane(&self) -> u8 {
        let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
        let party = self.party.as_text();
        for byte in [self.account.as_str(), "/", &party]
            .iter()
            .flat_map(|text| text.bytes())
        {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        hash.to_le_bytes()
            .into_iter()
            .fold(0, |lane, byte| lane ^ byte)
    }
}

/// A set of lanes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Lanes([u64; LANES / 64]);

impl Lanes {
    /// All of them.
    pub(super) const ALL: Self = Self([u64::MAX; LANES / 64]);

    pub(super) fn contains(&self, lane: u8) -> bool {
        self.0[usize::from(lane / 64)] & (1 << (lane % 64)) != 0
    }

    pub(super) fn insert(&mut self, lane: u8) {
        self.0[usize::from(lane / 64)] |= 1 << (lane % 64);
    }

    /// Those that are not among these.
    pub(super) fn without(self, others: Self) -> Self {
        let mut left = self;
        for (word, other) in left.0.iter_mut().zip(others.0) {
            *word &= !other;
        }
        left
    }

    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    #[cfg(any(test, feature = "postgres"))]
    pub(super) fn len(&self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = u8> {
        (0..=u8::MAX).filter(|lane| self.contains(*lane))
    }
}

impl FromIterator<u8> for Lanes {
    fn from_iter<I: IntoIterator<Item = u8>>(lanes: I) -> Self {
        let mut all = Self::default();
        lanes.into_iter().for_each(|lane| all.insert(lane));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::{LANES, Lanes};
    use crate::thread::ThreadKey;

    #[test]
    fn a_thread_keeps_its_lane() {
        let lane = |person: &str| ThreadKey::new("1744550565845823", person).lane();
        assert_eq!(
            [lane("1254477777772919"), lane("17"), lane("")],
            [85, 194, 69]
        );
    }

    #[test]
    fn threads_are_spread_evenly() {
        let mut threads = [0; LANES];
        for person in 0..100 * LANES {
            let key = ThreadKey::new("1744550565845823", person.to_string());
            threads[usize::from(key.lane())] += 1;
        }
        assert!(
            threads.iter().all(|count| (50..160).contains(count)),
            "{threads:?}"
        );
    }

    #[test]
    fn a_set_holds_what_it_was_given() {
        let lanes: Lanes = [0, 63, 64, 255].into_iter().collect();
        assert_eq!(lanes.iter().collect::<Vec<_>>(), [0, 63, 64, 255]);
        assert_eq!((lanes.len(), Lanes::ALL.len()), (4, LANES));
        assert!(!lanes.is_empty() && !lanes.contains(65));
    }
}
