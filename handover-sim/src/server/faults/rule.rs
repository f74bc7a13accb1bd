use handover_protocol::AppId;
use serde::{Deserialize, Serialize};

use super::{Fault, FaultEvent};

/// Rule that applies a fault to webhooks or calls.
///
/// ```
/// use handover_sim::{Fault, FaultRule};
///
/// let twice = FaultRule::webhook(Fault::Duplicate { copies: 1 }).kind("message").chance(0.2);
/// let lost_answer = FaultRule::call(Fault::CloseAfter).app("1517776481860111").times(1);
/// ```
///
/// ```json
/// {"on": "webhook", "kind": "message", "fault": {"type": "duplicate", "copies": 1}, "chance": 0.2}
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FaultRule {
    /// Rule id. Default: its position in the list, from 1.
    #[serde(default)]
    pub(super) id: Option<u64>,
    /// Target: webhooks or calls.
    pub(super) on: FaultOn,
    #[serde(default)]
    pub(super) app: Option<AppId>,
    #[serde(default)]
    pub(super) kind: Option<String>,
    pub(super) fault: Fault,
    #[serde(default = "always")]
    pub(super) chance: f64,
    #[serde(default)]
    pub(super) times: Option<u64>,
}

/// Target of a fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FaultOn {
    /// Webhooks to an app.
    Webhook,
    /// Calls of an app.
    Call,
}

/// Error in a fault rule.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultError {
    /// The chance is not between 0 and 1.
    #[error("`chance` is {0}: it must be between 0 and 1")]
    Chance(f64),
    /// The fault does not apply to this target.
    #[error("a {on} cannot have the fault `{fault}`: it is for {}", match on {
        FaultOn::Webhook => "calls only; set `on` to \"call\"",
        FaultOn::Call => "webhooks only; set `on` to \"webhook\"",
    })]
    Misplaced {
        /// Type of the fault.
        fault: &'static str,
        /// Target of the rule.
        on: FaultOn,
    },
    /// A number is out of range.
    #[error("`{field}` of `{fault}` is {value}: it must be {bounds}")]
    OutOfRange {
        /// Type of the fault.
        fault: &'static str,
        /// Field of the fault.
        field: &'static str,
        /// Value of the field.
        value: u64,
        /// Allowed values.
        bounds: &'static str,
    },
}

impl std::fmt::Display for FaultOn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Webhook => "webhook",
            Self::Call => "call",
        })
    }
}

impl FaultRule {
    /// Creates a rule for all webhooks to all apps.
    pub fn webhook(fault: Fault) -> Self {
        Self::on(FaultOn::Webhook, fault)
    }

    /// Creates a rule for all calls of all apps.
    pub fn call(fault: Fault) -> Self {
        Self::on(FaultOn::Call, fault)
    }

    fn on(on: FaultOn, fault: Fault) -> Self {
        Self {
            id: None,
            on,
            app: None,
            kind: None,
            fault,
            chance: always(),
            times: None,
        }
    }

    /// Sets the rule id. Seed and id determine the random numbers of the rule.
    #[must_use]
    pub fn id(mut self, id: u64) -> Self {
        self.id = Some(id);
        self
    }

    /// Limits the rule to webhooks to this app, or its calls.
    #[must_use]
    pub fn app(mut self, app: impl Into<AppId>) -> Self {
        self.app = Some(app.into());
        self
    }

    /// Limits the rule to one kind. Webhooks: the event ("message", "pass_thread_control") or the
    /// field ("messages", "messaging_handovers"). Calls: the last segment of the path ("messages",
    /// "thread_owner").
    #[must_use]
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.kind = Some(kind.into());
        self
    }

    /// Sets the probability, from 0 to 1. Default: 1.
    #[must_use]
    pub fn chance(mut self, chance: f64) -> Self {
        self.chance = chance;
        self
    }

    /// Sets the maximum number of times. Default: unlimited.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    pub(super) fn concerns(&self, event: &FaultEvent<'_>) -> bool {
        self.on == event.on
            && self.app.as_ref().is_none_or(|app| Some(app) == event.app)
            && self
                .kind
                .as_deref()
                .is_none_or(|kind| event.kinds.contains(&kind))
    }

    pub(in super::super) fn check(&self) -> Result<(), FaultError> {
        if !(0.0..=1.0).contains(&self.chance) {
            return Err(FaultError::Chance(self.chance));
        }
        let fault = self.fault.name();
        if !self.fault.fits(self.on) {
            return Err(FaultError::Misplaced { fault, on: self.on });
        }
        let (field, value, fine, bounds) = match self.fault {
            Fault::Status { code, .. } => (
                "code",
                code.into(),
                (200..=599).contains(&code),
                "from 200 to 599",
            ),
            Fault::Batch { items, .. } => ("items", items.into(), items >= 1, "at least 1"),
            _ => return Ok(()),
        };
        match fine {
            true => Ok(()),
            false => Err(FaultError::OutOfRange {
                fault,
                field,
                value,
                bounds,
            }),
        }
    }
}

fn always() -> f64 {
    1.0
}
