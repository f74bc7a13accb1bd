//! The Page's subscription to the app.

use std::collections::BTreeSet;

use handover_runtime::description::WebhookFields;

use super::configuration::ConfiguredAccount;
use super::finding::Finding;
use super::needs;

const CHECK: &str = "page";

pub(super) async fn examine(of: &ConfiguredAccount, needed: &WebhookFields) -> Finding {
    let apps = match of.graph.subscribed_apps().await {
        Ok(apps) => apps,
        Err(error) => {
            let fix = "see the checks `token` and `app secret`";
            return Finding::refused(CHECK, of.redactor.redacted(&error), fix);
        }
    };
    let subscribe = |fields: &BTreeSet<&str>| {
        let (page, fields) = (&of.page, Vec::from_iter(fields.iter().copied()).join(","));
        format!(
            "POST /{page}/subscribed_apps with the Page's token and subscribed_fields={fields} (it replaces the list); or let the bot do it with `Bot::subscribe`"
        )
    };
    let own = apps.iter().find(|app| app.id.as_ref() == Some(&of.app));
    let Some(own) = own else {
        return Finding::fault(
            CHECK,
            format!("Page {} is not subscribed to app {}", of.page, of.app),
            "nothing that people write to it reaches the bot; the platform also ends a subscription by itself when the webhook fails for an hour",
            subscribe(&needed.page.all().collect()),
        );
    };
    let has: BTreeSet<_> = own.subscribed_fields.iter().map(String::as_str).collect();
    let missing = needs::judge(CHECK, &needed.page, &has, |fields| {
        let missing = fields.iter().copied().collect();
        subscribe(&(&has | &missing))
    });
    missing.unwrap_or_else(|| Finding::good(CHECK, format!("subscribed with {} fields", has.len())))
}
