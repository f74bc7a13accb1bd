//! Webhook fields that the bot needs.

use std::collections::BTreeSet;

use handover::protocol::{AccountId, Object};
use handover_runtime::description::{DescribedProgram, FieldNeeds, WebhookFields};
use thiserror::Error;

use super::finding::Finding;
use crate::cargo_target::CargoTarget;
use crate::command::routes::{self, RoutesError};

#[derive(Debug, Error)]
pub(super) enum NoRoutes {
    #[error(
        "the bot's routes cannot be read (without `--routes`, the fields that most bots need are checked)"
    )]
    Unasked { source: RoutesError },
    #[error(
        "the bot describes its routes in a way that this command does not know: let both be of one version of handover, or leave out `--routes`"
    )]
    Unreadable,
}

/// The fields that the bot needs: those of its handlers, or the usual ones if it is not asked.
pub(super) struct Needs(Option<DescribedProgram>);

impl Needs {
    pub(super) fn of(bot: Option<&CargoTarget>) -> Result<Self, NoRoutes> {
        let Some(target) = bot else {
            return Ok(Self(None));
        };
        let printed =
            routes::ask(target, "json", &[]).map_err(|source| NoRoutes::Unasked { source })?;
        // The program may print other lines before it.
        let mut lines = printed.lines().rev();
        let described = lines.find_map(|line| serde_json::from_str(line).ok());
        described.map_or(Err(NoRoutes::Unreadable), |bot| Ok(Self(Some(bot))))
    }

    /// The fields of the handlers that take events of this account; without one, of all.
    pub(super) fn fields(&self, account: Option<&AccountId>) -> WebhookFields {
        let Some(described) = &self.0 else {
            return WebhookFields::usual();
        };
        let mut fields = WebhookFields::default();
        let routes = described.routes();
        for route in routes.filter(|route| account.is_none_or(|account| route.concerns(account))) {
            fields.add(route.webhook_fields.clone());
        }
        fields
    }
}

/// Judges a subscription by the fields that it has; the good finding counts them.
pub(super) fn judge(
    check: &'static str,
    needs: &FieldNeeds,
    has: &BTreeSet<&str>,
    fix: impl Fn(&[&str]) -> String,
) -> Option<Finding> {
    let is_missing = |name: &&str| !has.contains(name);
    let required = needs.required.iter().map(String::as_str);
    let required: Vec<_> = required.filter(is_missing).collect();
    let all: Vec<_> = needs.all().filter(is_missing).collect();
    if !required.is_empty() {
        return Some(Finding::fault(
            check,
            format!("it is not subscribed to {}", required.join(", ")),
            "these events never reach the bot",
            fix(&all),
        ));
    }
    (!all.is_empty()).then(|| {
        Finding::warning(
            check,
            format!("it is not subscribed to {}", all.join(", ")),
            "the bot does not learn what was delivered, or what is said while a person answers",
            fix(&all),
        )
    })
}

/// The product whose threads are examined.
pub(super) fn product(instagram: bool) -> Object {
    match instagram {
        true => Object::Instagram,
        false => Object::Page,
    }
}
