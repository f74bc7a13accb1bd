//! Which webhook fields the bot cannot do without.

use thiserror::Error;

use crate::cargo_target::CargoTarget;
use crate::command::routes::{self, RoutesError};

/// A webhook field, and what is amiss without it.
pub(super) struct Need {
    pub(super) field: &'static str,
    /// How Instagram calls it; it has no other there.
    pub(super) on_instagram: &'static str,
    /// The bot does not work without.
    pub(super) is_vital: bool,
}

const fn need(field: &'static str, on_instagram: &'static str, is_vital: bool) -> Need {
    Need {
        field,
        on_instagram,
        is_vital,
    }
}

/// What every bot needs to hand over: echoes tell what was delivered, and standby what is said
/// meanwhile.
const ALWAYS: [Need; 5] = [
    need("messages", "messages", true),
    need("messaging_postbacks", "messaging_postbacks", true),
    need("messaging_handovers", "messaging_handover", true),
    // Instagram has them in `messages`.
    need("message_echoes", "messages", false),
    need("standby", "standby", false),
];

const BY_ATTRIBUTE: [(&str, Need); 10] = [
    (
        "on_referral",
        need("messaging_referrals", "messaging_referral", true),
    ),
    ("on_optin", need("messaging_optins", "messages", true)),
    (
        "on_account_linking",
        need("messaging_account_linking", "messages", true),
    ),
    ("on_echo", need("message_echoes", "messages", true)),
    (
        "on_reaction",
        need("message_reactions", "message_reactions", true),
    ),
    ("on_read", need("message_reads", "messaging_seen", true)),
    ("on_delivery", need("message_deliveries", "messages", true)),
    (
        "on_message_edit",
        need("message_edits", "message_edit", true),
    ),
    ("on_feedback", need("messaging_feedback", "messages", true)),
    (
        "on_policy_enforcement",
        need("messaging_policy_enforcement", "messages", true),
    ),
];

#[derive(Debug, Error)]
#[error(
    "the bot's routes cannot be read; without `--routes`, the fields that every bot needs are examined"
)]
pub(super) struct NoRoutes {
    source: RoutesError,
}

pub(super) fn fields(bot: Option<&CargoTarget>, instagram: bool) -> Result<Vec<Need>, NoRoutes> {
    let mut needed = Vec::from(ALWAYS);
    if let Some(target) = bot {
        let table = routes::ask(target, "json", &[]).map_err(|source| NoRoutes { source })?;
        let waits = |attribute: &str| table.contains(&format!("\"waits_for\":\"{attribute}"));
        let more = BY_ATTRIBUTE
            .into_iter()
            .filter(|(attribute, _)| waits(attribute));
        for (_, need) in more {
            needed.retain(|known| known.field != need.field);
            needed.push(need);
        }
    }
    if instagram {
        needed.sort_by_key(|need| (need.on_instagram, !need.is_vital));
        needed.dedup_by_key(|need| need.on_instagram);
    }
    Ok(needed)
}

/// The fields that are missing, those first without which the bot does not work.
pub(super) fn missing<'a>(
    needed: &'a [Need],
    has: &[&str],
    name: fn(&'a Need) -> &'static str,
) -> (Vec<&'static str>, Vec<&'static str>) {
    let lacking = needed.iter().filter(|need| !has.contains(&name(need)));
    let (vital, others): (Vec<_>, Vec<_>) = lacking.partition(|need| need.is_vital);
    let names = |needs: Vec<&'a Need>| needs.into_iter().map(name).collect();
    (names(vital), names(others))
}
