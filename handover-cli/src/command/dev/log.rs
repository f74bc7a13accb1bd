//! Log of events and calls, a line each.

use std::collections::BTreeSet;
use std::time::Duration;

use handover_sim::{Simulator, TimelineItem, TimelineKind, TimelineState};
use serde_json::Value;

use crate::summary;
use crate::terminal::{BAD, DIM, GOOD, NAME, excerpt, paint, say};

/// How often to read the simulator's timeline.
const LOOK_EVERY: Duration = Duration::from_millis(150);

/// Prints entries that are complete since the last call.
pub(super) struct Log {
    /// Everything before this is printed.
    printed_to: u64,
    printed: BTreeSet<u64>,
    names_apps: bool,
}

impl Log {
    pub(super) fn new(names_apps: bool) -> Self {
        Self {
            printed_to: 0,
            printed: BTreeSet::new(),
            names_apps,
        }
    }

    /// Waits a little, and prints new entries.
    pub(super) async fn tick(&mut self, simulator: &Simulator) {
        tokio::time::sleep(LOOK_EVERY).await;
        for item in simulator.timeline() {
            let is_new = item.id > self.printed_to && !self.printed.contains(&item.id);
            if is_new && item.state != TimelineState::Waiting {
                say(self.line(&item));
                self.printed.insert(item.id);
            }
        }
        while self.printed.remove(&(self.printed_to + 1)) {
            self.printed_to += 1;
        }
    }

    fn line(&self, item: &TimelineItem) -> String {
        let arrow = match item.kind {
            TimelineKind::Webhook => "→",
            TimelineKind::Call => "←",
            TimelineKind::Verification => "?",
            _ => "·",
        };
        let channel = match item.channel {
            Some(channel) if channel.to_string() == "standby" => " on standby",
            _ => "",
        };
        let app = match &item.app {
            Some(app) if self.names_apps => format!("{app} "),
            _ => String::new(),
        };
        let style = if item.state == TimelineState::Succeeded {
            GOOD
        } else {
            BAD
        };
        let status = item
            .status
            .map_or_else(|| "no answer".to_owned(), |status| status.to_string());
        let mut line = format!(
            "{} {app}{}{channel} {}",
            paint(style, format_args!("{arrow} {status}")),
            paint(NAME, &item.title),
            summary(item.request.as_deref().unwrap_or_default())
        );
        if item.state == TimelineState::Failed {
            let why = item
                .error
                .as_deref()
                .or(item.response.as_deref())
                .unwrap_or_default();
            line = format!("{line}\n    {}", paint(BAD, excerpt(why, 300)));
        }
        line
    }
}

/// Summarises a body.
fn summary(body: &str) -> String {
    let Ok(body) = serde_json::from_str::<Value>(body) else {
        return String::new();
    };
    let entry = &body["entry"][0];
    let item = [&entry["messaging"][0], &entry["standby"][0], &body]
        .into_iter()
        .find(|item| item.is_object());
    let Some(item) = item else {
        return String::new();
    };
    match summary::of(item) {
        summary if summary.is_empty() => summary,
        summary => paint(DIM, summary).to_string(),
    }
}
