//! What the Graph API does wrong.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

/// A call fails no more often than this: the bot gives up in the end.
const AT_MOST: u8 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// HTTP 500 with code 2; nothing was done.
    Broken,
    /// HTTP 429 with code 613 and `Retry-After: 1`; nothing was done.
    Throttled,
    /// The connection ends before the call is looked at.
    CutBefore,
    /// The connection ends after the call was carried out.
    CutAfter,
    /// It is carried out, and the answer comes late.
    Stalled(Duration),
}

#[derive(Default)]
pub(crate) struct Faults {
    per_call: HashMap<String, u8>,
    pub(crate) counts: BTreeMap<&'static str, u32>,
}

impl Faults {
    /// What goes wrong with this call now.
    pub(crate) fn next(&mut self, call: &str, rng: &mut fastrand::Rng) -> Option<Fault> {
        let fault = match rng.u32(..10_000) {
            0..300 => Fault::Broken,
            300..305 => Fault::Throttled,
            305..370 => Fault::CutBefore,
            370..470 => Fault::CutAfter,
            470..600 => Fault::Stalled(Duration::from_millis(rng.u64(100..2000))),
            _ => return None,
        };
        let had = self.per_call.entry(call.to_owned()).or_default();
        if *had >= AT_MOST {
            return None;
        }
        *had += 1;
        *self.counts.entry(fault.name()).or_default() += 1;
        Some(fault)
    }
}

impl Fault {
    fn name(self) -> &'static str {
        match self {
            Self::Broken => "failed",
            Self::Throttled => "throttled",
            Self::CutBefore => "cut before",
            Self::CutAfter => "cut after",
            Self::Stalled(_) => "stalled",
        }
    }
}
