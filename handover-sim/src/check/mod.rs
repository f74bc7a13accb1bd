//! Checks the rules of the simulator against a recording of what really happened.
//!
//! `docs/simulator/recording.md` describes the file. A bot writes it with `HANDOVER_RECORD`.
//!
//! ```
//! use handover_sim::check::{CheckOptions, check};
//!
//! let recording = r#"{"handover_recording":1,"app":"1517776481860111"}
//! {"type":"webhook","at":1790000000500,"body":{"object":"page","entry":[{"id":"1744550565845823","time":1790000000000,"messaging":[{"sender":{"id":"5794982867201265"},"recipient":{"id":"1744550565845823"},"timestamp":1790000000000,"message":{"mid":"m_abc","text":"hello"}}]}]}}
//! {"type":"call","at":1790000000600,"method":"POST","path":"/1744550565845823/messages","body":{"recipient":{"id":"5794982867201265"},"message":{"text":"hi"}},"status":200,"answer":{"recipient_id":"5794982867201265","message_id":"m_def"}}
//! "#;
//! let report = check(recording.as_bytes(), &CheckOptions::default())?;
//! assert!(report.agrees(), "{report}");
//! # Ok::<(), handover_sim::check::RecordingError>(())
//! ```

mod call;
mod choices;
mod compare;
mod events;
mod recording;
mod replay;
mod report;
mod rule;
mod setup;
mod steps;

use std::collections::BTreeMap;
use std::io::BufRead;

use crate::platform::{Behavior, Routing};
use replay::{ReplayResult, RulesReplay};
use setup::{RecordedSetup, RoutingMode};
use steps::ReplayStep;

pub use compare::Aspect;
pub use recording::{
    ActionLine, GraphCallLine, LineError, RECORDING_VERSION, RecordedLine, RecordingError,
};
pub use report::{CheckReport, Difference, ExplainingChoice};
pub use rule::PlatformRule;

/// What a recording is compared with.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct CheckOptions {
    /// Behavior where the documentation is silent.
    pub behavior: Behavior,
    /// Routing of the accounts. Default: what the recording shows, or what fits best.
    pub routing: Option<AssumedRouting>,
}

/// Routing of the accounts in a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum AssumedRouting {
    /// Conversation routing.
    Conversation,
    /// No default app.
    ZeroConfig,
    /// The legacy Handover Protocol.
    Legacy,
}

/// Plays a recording into the rules, and reports what is different from them.
///
/// # Errors
///
/// If the recording cannot be read. The error names the line.
pub fn check(
    recording: impl BufRead,
    options: &CheckOptions,
) -> Result<CheckReport, RecordingError> {
    let (app, lines) = recording::read_all(recording)?;
    let steps = steps::steps(&lines, &app);
    let setup = RecordedSetup::of(&app, &steps);
    let mode = options.routing.map(|routing| match routing {
        AssumedRouting::Conversation => RoutingMode::Conversation,
        AssumedRouting::ZeroConfig => RoutingMode::ZeroConfig,
        AssumedRouting::Legacy => RoutingMode::Legacy,
    });
    let run = CheckRun {
        setup: &setup,
        steps: &steps,
    };
    let (routings, assumed, mut found) = run.best_routing(options.behavior, mode);
    choices::explain(&run, options.behavior, &routings, &mut found.differences);
    Ok(CheckReport {
        differences: found.differences,
        assumed,
        items: found.items,
        calls: found.calls,
        not_compared: found.skipped,
    })
}

/// A recording that is ready to be played.
struct CheckRun<'a> {
    setup: &'a RecordedSetup,
    steps: &'a [ReplayStep],
}

type Routings = BTreeMap<handover_protocol::AccountId, Routing>;

impl CheckRun<'_> {
    fn replay(&self, behavior: Behavior, routings: &Routings) -> ReplayResult {
        RulesReplay::new(self.setup, self.steps, behavior, routings).run()
    }

    /// The routing of each account with which the fewest events and answers contradict the rules. Keys and types
    /// do not depend on it.
    fn best_routing(
        &self,
        behavior: Behavior,
        mode: Option<RoutingMode>,
    ) -> (Routings, Vec<String>, ReplayResult) {
        let mut routings = Routings::new();
        let mut open = Vec::new();
        for account in &self.setup.accounts {
            let mut possible = self.setup.routings(account, mode);
            let others = possible.split_off(1.min(possible.len()));
            if let Some(first) = possible.into_iter().next() {
                routings.insert(account.id.clone(), first);
            }
            if !others.is_empty() {
                open.push((account.id.clone(), others));
            }
        }
        let mut best = self.replay(behavior, &routings);
        for (account, others) in &open {
            for routing in others {
                if best.contradictions() == 0 {
                    break;
                }
                let mut other = routings.clone();
                other.insert(account.clone(), routing.clone());
                let result = self.replay(behavior, &other);
                if result.contradictions() < best.contradictions() {
                    (best, routings) = (result, other);
                }
            }
        }
        let assumed = open.iter().filter_map(|(account, _)| {
            let routing = match routings.get(account)? {
                Routing::ZeroConfig => "no default app".to_owned(),
                Routing::Conversation { default_app, .. } => {
                    format!("conversation routing, with {default_app} as default app")
                }
                Routing::Legacy { primary: Some(app) } => {
                    format!("the Handover Protocol, with {app} as primary receiver")
                }
                Routing::Legacy { primary: None } => {
                    "the Handover Protocol without roles".to_owned()
                }
            };
            Some(format!("{account} has {routing}"))
        });
        let assumed = assumed.collect();
        (routings, assumed, best)
    }
}
