//! Fault injection. Selecting a fault is pure: the same seed, rules and events in the same order
//! give the same faults.

mod fault;
mod refusals;
mod rule;

use handover_protocol::AppId;
use serde::Serialize;

pub use fault::Fault;
pub(super) use refusals::{expired_token, on_demand, throttled};
pub use rule::{FaultError, FaultOn, FaultRule};

/// Active rules, with the number of times each has applied.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Faults {
    seed: u64,
    rules: Vec<ActiveFault>,
}

#[derive(Debug, Clone, Serialize)]
struct ActiveFault {
    #[serde(flatten)]
    rule: FaultRule,
    /// Number of times the rule has applied.
    fired: u64,
    #[serde(skip)]
    dice: fastrand::Rng,
}

/// Webhook or call that rules are matched against.
pub(super) struct FaultEvent<'a> {
    pub(super) on: FaultOn,
    pub(super) app: Option<&'a AppId>,
    /// Kind of event or edge of the call, and its webhook field.
    pub(super) kinds: [&'a str; 2],
}

impl Faults {
    pub(super) fn new(seed: u64, rules: Vec<FaultRule>) -> Result<Self, FaultError> {
        let rules = rules
            .into_iter()
            .zip(1..)
            .map(|(mut rule, number)| {
                rule.check()?;
                let id = *rule.id.get_or_insert(number);
                let dice = fastrand::Rng::with_seed(seed ^ id.wrapping_mul(0x9e37_79b9_7f4a_7c15));
                Ok(ActiveFault {
                    rule,
                    fired: 0,
                    dice,
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { seed, rules })
    }

    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// Restarts the sequence of the rules.
    pub(super) fn start_over(&mut self) {
        let rules = self.rules.drain(..).map(|active| active.rule).collect();
        // They have been checked before.
        *self = Self::new(self.seed, rules).unwrap_or_default();
    }

    /// Returns the fault of the first rule that applies.
    pub(super) fn next(&mut self, event: &FaultEvent<'_>) -> Option<Fault> {
        self.rules.iter_mut().find_map(|active| {
            let rule = &active.rule;
            let exhausted = rule.times.is_some_and(|times| active.fired >= times);
            if exhausted || !rule.concerns(event) || active.dice.f64() >= rule.chance {
                return None;
            }
            active.fired += 1;
            Some(rule.fault.clone())
        })
    }
}

#[cfg(test)]
mod tests {
    use handover_protocol::AppId;

    use super::{Fault, FaultEvent, FaultOn, FaultRule, Faults};

    const BOT: AppId = AppId::from_static("1");
    const SHOP: AppId = AppId::from_static("2");

    fn message(app: &AppId) -> FaultEvent<'_> {
        FaultEvent {
            on: FaultOn::Webhook,
            app: Some(app),
            kinds: ["message", "messages"],
        }
    }

    fn pattern(seed: u64, rules: &[FaultRule]) -> Vec<bool> {
        let mut faults = Faults::new(seed, rules.to_vec()).expect("the rules are good");
        let struck = |_| faults.next(&message(&BOT)).is_some();
        (0..64).map(struck).collect()
    }

    #[test]
    fn a_seed_says_it_all() {
        let half = [FaultRule::webhook(Fault::Drop).chance(0.5)];
        assert_eq!(pattern(1, &half), pattern(1, &half));
        assert_ne!(pattern(1, &half), pattern(2, &half));
        let struck = pattern(1, &half)
            .into_iter()
            .filter(|struck| *struck)
            .count();
        assert!((16..=48).contains(&struck), "{struck} of 64");
        assert!(
            pattern(1, &[FaultRule::webhook(Fault::Drop)])
                .iter()
                .all(|struck| *struck)
        );
        assert!(!pattern(1, &[FaultRule::webhook(Fault::Drop).chance(0.0)]).contains(&true));
    }

    #[test]
    fn rules_do_not_disturb_each_other() {
        let half = FaultRule::webhook(Fault::Drop).chance(0.5).id(7);
        let elsewhere = FaultRule::webhook(Fault::Drop).app(SHOP).chance(0.5);
        assert_eq!(pattern(1, &[elsewhere, half.clone()]), pattern(1, &[half]));
    }

    #[test]
    fn rules_are_for_an_app_a_kind_and_so_many_times() {
        let rules = vec![
            FaultRule::webhook(Fault::Drop).app(SHOP).times(1),
            FaultRule::webhook(Fault::Duplicate { copies: 2 }).kind("messages"),
            FaultRule::call(Fault::CloseAfter).kind("messages"),
        ];
        let mut faults = Faults::new(0, rules).expect("the rules are good");
        assert_eq!(faults.next(&message(&SHOP)), Some(Fault::Drop));
        let twice = Some(Fault::Duplicate { copies: 2 });
        assert_eq!(faults.next(&message(&SHOP)), twice);
        let call = |kind| FaultEvent {
            on: FaultOn::Call,
            app: None,
            kinds: [kind, kind],
        };
        assert_eq!(faults.next(&call("messages")), Some(Fault::CloseAfter));
        assert_eq!(faults.next(&call("thread_owner")), None);
        faults.start_over();
        assert_eq!(faults.next(&message(&SHOP)), Some(Fault::Drop));
    }
}
