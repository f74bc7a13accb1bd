//! What became of events, by kind.

use foldhash::{HashMap, HashMapExt};
use handover_protocol::EventBody;
use prometheus::{IntCounter, IntCounterVec, Registry, register_int_counter_vec_with_registry};

use crate::journal::{Appended, Ending, Settlement};
use crate::own_event::{OwnEvent, ThreadEvent};

/// Kinds that have no name of their own here: the platform may send any.
const OTHER: &str = "other";

pub(crate) struct EventMetrics {
    kinds: HashMap<&'static str, OfKind>,
    own: HashMap<&'static str, OfKind>,
    other: OfKind,
}

/// The events of one kind.
pub(crate) struct OfKind {
    received: IntCounter,
    duplicate: IntCounter,
    handled: IntCounter,
    failed: IntCounter,
    retried: IntCounter,
    superseded: IntCounter,
}

impl EventMetrics {
    pub(crate) fn new(registry: &Registry) -> prometheus::Result<Self> {
        let counters = |name: &str, help: &str| {
            register_int_counter_vec_with_registry!(name, help, &["kind"], registry)
        };
        let received = counters(
            "handover_events_received_total",
            "Events that the platform delivered and the journal took, duplicates too.",
        )?;
        let duplicate = counters(
            "handover_events_duplicate_total",
            "Received events that the journal knew already.",
        )?;
        let handled = counters(
            "handover_events_handled_total",
            "Events that were handled, the bot's own too.",
        )?;
        let failed = counters(
            "handover_events_failed_total",
            "Events that were given up and kept as dead letters.",
        )?;
        let retried = counters(
            "handover_events_retried_total",
            "Times that an event was put back because its handler failed.",
        )?;
        let superseded = counters(
            "handover_events_superseded_total",
            "Messages that were left out because a later one was handled in their stead.",
        )?;
        let of = |kind: &str| {
            let of = |counters: &IntCounterVec| counters.with_label_values(&[kind]);
            OfKind {
                received: of(&received),
                duplicate: of(&duplicate),
                handled: of(&handled),
                failed: of(&failed),
                retried: of(&retried),
                superseded: of(&superseded),
            }
        };
        let mut kinds = HashMap::new();
        for kind in EventBody::KINDS {
            kinds.insert(*kind, of(kind));
        }
        Ok(Self {
            own: OwnEvent::KINDS
                .map(|kind| (kind, of(kind)))
                .into_iter()
                .collect(),
            kinds,
            other: of(OTHER),
        })
    }

    pub(crate) fn of(&self, event: &ThreadEvent) -> &OfKind {
        match event {
            ThreadEvent::Platform(received) => self.of_body(&received.event.body),
            ThreadEvent::Own(own) => self.own.get(own.kind()).unwrap_or(&self.other),
        }
    }

    pub(crate) fn of_body(&self, body: &EventBody) -> &OfKind {
        self.kinds.get(body.kind()).unwrap_or(&self.other)
    }
}

impl OfKind {
    pub(crate) fn arrived(&self, appended: Appended) {
        self.received.inc();
        if appended == Appended::Duplicate {
            self.duplicate.inc();
        }
    }

    pub(crate) fn ended(&self, ending: &Ending) {
        self.of(ending).inc();
    }

    /// What to count once this is settled; so many before it were left out.
    pub(crate) fn tally(&self, settlement: &Settlement, left_out: usize) -> Tally<'_> {
        Tally {
            ended: self.of(&settlement.ending),
            events: settlement.sequences.len() as u64,
            superseded: &self.superseded,
            left_out: left_out as u64,
        }
    }

    fn of(&self, ending: &Ending) -> &IntCounter {
        match ending {
            Ending::Handled => &self.handled,
            Ending::Superseded => &self.superseded,
            Ending::Retry { .. } => &self.retried,
            Ending::Failed(_) => &self.failed,
        }
    }
}

/// Events that end together.
pub(crate) struct Tally<'a> {
    ended: &'a IntCounter,
    events: u64,
    superseded: &'a IntCounter,
    left_out: u64,
}

impl Tally<'_> {
    pub(crate) fn count(&self) {
        self.ended.inc_by(self.events);
        self.superseded.inc_by(self.left_out);
    }
}
