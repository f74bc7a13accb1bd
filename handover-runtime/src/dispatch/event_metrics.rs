//! Metrics of handled events, by kind.

use foldhash::{HashMap, HashMapExt};
use handover_protocol::EventBody;

use crate::internal_event::{InternalEvent, ThreadEvent};
use crate::journal::{AppendStatus, EventResult, Settlement};
use crate::metrics::{self, IntCounter, IntCounterVec, Registry};

/// Kinds without their own label: the platform may send any.
const OTHER: &str = "other";

pub(crate) struct EventMetrics {
    kinds: HashMap<&'static str, KindCounters>,
    own: HashMap<&'static str, KindCounters>,
    other: KindCounters,
}

/// The events of one kind.
pub(crate) struct KindCounters {
    received: IntCounter,
    duplicate: IntCounter,
    handled: IntCounter,
    failed: IntCounter,
    retried: IntCounter,
    superseded: IntCounter,
    held: IntCounter,
}

impl EventMetrics {
    pub(crate) fn new(registry: &Registry) -> Result<Self, metrics::Error> {
        let counters = |name: &str, help: &str| metrics::counters(registry, name, help, &["kind"]);
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
            "Messages that were left out for a later one, and timers that were changed after they had run out.",
        )?;
        let held = counters(
            "handover_events_held_total",
            "Times that a signal was set aside until the bot may speak in the thread.",
        )?;
        let of = |kind: &str| {
            let of = |counters: &IntCounterVec| counters.with_label_values(&[kind]);
            KindCounters {
                received: of(&received),
                duplicate: of(&duplicate),
                handled: of(&handled),
                failed: of(&failed),
                retried: of(&retried),
                superseded: of(&superseded),
                held: of(&held),
            }
        };
        let mut kinds = HashMap::new();
        for kind in EventBody::KINDS {
            kinds.insert(*kind, of(kind));
        }
        Ok(Self {
            own: InternalEvent::KINDS
                .map(|kind| (kind, of(kind)))
                .into_iter()
                .collect(),
            kinds,
            other: of(OTHER),
        })
    }

    pub(crate) fn of(&self, event: &ThreadEvent) -> &KindCounters {
        match event {
            ThreadEvent::Platform(received) => self.of_body(&received.event.body),
            ThreadEvent::Own(own) => self.own.get(own.kind()).unwrap_or(&self.other),
        }
    }

    /// So many timers had run out, and were set or cancelled before they were handled.
    pub(crate) fn superseded_timers(&self, timers: usize) {
        let [timer, ..] = InternalEvent::KINDS;
        let of_timers = self.own.get(timer).unwrap_or(&self.other);
        of_timers.superseded.inc_by(timers as u64);
    }

    pub(crate) fn of_body(&self, body: &EventBody) -> &KindCounters {
        self.kinds.get(body.kind()).unwrap_or(&self.other)
    }
}

impl KindCounters {
    pub(crate) fn arrived(&self, appended: AppendStatus) {
        self.received.inc();
        if appended == AppendStatus::Duplicate {
            self.duplicate.inc();
        }
    }

    pub(crate) fn ended(&self, result: &EventResult) {
        self.of(result).inc();
    }

    /// What to count once this is settled; so many before it were left out.
    pub(crate) fn tally(&self, settlement: &Settlement, left_out: usize) -> EventCounts<'_> {
        EventCounts {
            ended: self.of(&settlement.result),
            events: settlement.sequences.len() as u64,
            superseded: &self.superseded,
            left_out: left_out as u64,
        }
    }

    fn of(&self, result: &EventResult) -> &IntCounter {
        match result {
            EventResult::Handled => &self.handled,
            EventResult::Superseded => &self.superseded,
            EventResult::Held { .. } => &self.held,
            EventResult::Retry { .. } => &self.retried,
            EventResult::Failed(_) => &self.failed,
        }
    }
}

/// Events that end together.
pub(crate) struct EventCounts<'a> {
    ended: &'a IntCounter,
    events: u64,
    superseded: &'a IntCounter,
    left_out: u64,
}

impl EventCounts<'_> {
    pub(crate) fn count(&self) {
        self.ended.inc_by(self.events);
        self.superseded.inc_by(self.left_out);
    }
}
