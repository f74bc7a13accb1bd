//! The settings of an account as the accounts file has them.

use std::time::Duration;

use handover_protocol::{AppId, MessengerProfile};
use serde::de::Error;
use serde::{Deserialize, Deserializer};

use super::settings::{AccountSettings, Blocked};
use super::{Profile, SendRate};
use crate::notice::Notifier;
use crate::office_hours::OfficeHours;
use crate::outcome::Limits;
use crate::ownership::HumanApps;
use crate::routing::Pace;

impl<'de> Deserialize<'de> for AccountSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = SettingsJson::deserialize(deserializer)?;
        let mut notifiers = Vec::new();
        if let Some(notify) = written.notify {
            notifiers.extend(notify.slack.map(Notifier::slack));
            notifiers.extend(
                notify
                    .webhook
                    .map(|webhook| Notifier::webhook(webhook.url, webhook.secret)),
            );
        }
        let time = |time: Option<Time>| time.map(|Time(time)| time);
        Ok(Self {
            handler_timeout: time(written.handler_timeout),
            retries: written.retries,
            pace: written.pace.map(|WrittenPace(pace)| pace),
            pause_on_human_reply: time(written.pause_on_human_reply),
            human_apps: written.human_apps.map(HumanApps::only),
            pause_word: written.pause_word.map(|said| (said.word, said.time.0)),
            resume_word: written.resume_word,
            typing: written.typing,
            handoff_failed_text: written.handoff_failed_text.map(Some),
            blocked: written.blocked,
            limits: written.limits.map(|limits| match limits {
                WrittenLimits::Fit => Limits::Fit,
                WrittenLimits::Refuse => Limits::Refuse,
            }),
            send_rate: written.send_rate,
            office_hours: written.office_hours,
            handoff_to: written.handoff_to.map(AppId::from),
            profile: written.profile.map(Profile::from),
            subscribe: written.subscribe,
            notifiers,
        })
    }
}

/// The settings as JSON has them.
#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct SettingsJson {
    handler_timeout: Option<Time>,
    retries: Option<u32>,
    pace: Option<WrittenPace>,
    pause_on_human_reply: Option<Time>,
    human_apps: Option<Vec<String>>,
    pause_word: Option<WrittenWord>,
    resume_word: Option<String>,
    typing: Option<bool>,
    handoff_failed_text: Option<String>,
    blocked: Option<Blocked>,
    limits: Option<WrittenLimits>,
    send_rate: Option<SendRate>,
    office_hours: Option<OfficeHours>,
    handoff_to: Option<String>,
    profile: Option<MessengerProfile>,
    subscribe: Option<bool>,
    notify: Option<WrittenNotify>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWord {
    word: String,
    time: Time,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum WrittenLimits {
    Fit,
    Refuse,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenNotify {
    #[serde(default)]
    slack: Option<String>,
    #[serde(default)]
    webhook: Option<WrittenWebhook>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenWebhook {
    url: String,
    secret: String,
}

/// `30s`, `10m`, `2h` or `1d`.
struct Time(Duration);

impl<'de> Deserialize<'de> for Time {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let time = time(&text).map(Self);
        time.ok_or_else(|| D::Error::custom("a time is written like 30s, 10m, 2h or 1d"))
    }
}

fn time(text: &str) -> Option<Duration> {
    let units = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)];
    units.iter().find_map(|(unit, seconds)| {
        let number: u64 = text.strip_suffix(unit)?.trim().parse().ok()?;
        Some(Duration::from_secs(number.saturating_mul(*seconds)))
    })
}

/// As the key of an attribute: `queue`, `burst`, `restart`, `latest` or `debounce(2s)`.
struct WrittenPace(Pace);

impl<'de> Deserialize<'de> for WrittenPace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let debounce = || {
            let quiet = text.strip_prefix("debounce(")?.strip_suffix(')')?;
            time(quiet).map(Pace::Debounce)
        };
        let pace = match &*text {
            "queue" => Some(Pace::Queue),
            "burst" => Some(Pace::Burst),
            "restart" => Some(Pace::Restart),
            "latest" => Some(Pace::Latest),
            _ => debounce(),
        };
        pace.map(Self).ok_or_else(|| {
            D::Error::custom("a pace is queue, burst, restart, latest or debounce(2s)")
        })
    }
}
