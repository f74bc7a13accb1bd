//! The app's own subscription: where events go, and which.

use handover::protocol::AppSubscription;
use handover_runtime::description::WebhookFields;
use url::Url;

use super::configuration::Configuration;
use super::finding::Finding;
use super::needs;

const CHECK: &str = "app";
const WHERE: &str = "App Dashboard > Messenger > Messenger API Settings > Configure webhooks";

/// Gives the callback URL, too, if the platform knows one.
pub(super) async fn examine(
    of: &Configuration,
    needed: &WebhookFields,
    instagram: bool,
) -> (Finding, Option<Url>) {
    let rows = match of.app_graph.subscriptions().await {
        Ok(rows) => rows,
        Err(error) => {
            let fix = "see the check `app secret`";
            return (
                Finding::refused(CHECK, of.redactor.redacted(&error), fix),
                None,
            );
        }
    };
    let product = needs::product(instagram);
    let row = rows
        .iter()
        .find(|row| row.object.as_ref() == Some(&product));
    let Some(row) = row else {
        let finding = Finding::fault(
            CHECK,
            format!("it has no webhook for the object {}", product.as_str()),
            "nothing that people write reaches the bot",
            format!("enter the callback URL and MESSENGER_VERIFY_TOKEN at {WHERE}"),
        );
        return (finding, None);
    };
    let callback = row.callback_url.as_deref().and_then(|url| url.parse().ok());
    (judge(row, needed, instagram), callback)
}

fn judge(row: &AppSubscription, needed: &WebhookFields, instagram: bool) -> Finding {
    if row.active == Some(false) {
        return Finding::fault(
            CHECK,
            "its webhook is switched off",
            "nothing that people write reaches the bot",
            format!("let it be verified again at {WHERE}"),
        );
    }
    let has = row.field_names().collect();
    let needed = needed.of_product(&needs::product(instagram));
    let missing = needs::judge(CHECK, needed, &has, |fields| {
        format!("tick {} at {WHERE}", fields.join(", "))
    });
    missing.unwrap_or_else(|| {
        let url = row.callback_url.as_deref().unwrap_or_default();
        Finding::good(
            CHECK,
            format!("subscribed to {} fields, at {url}", has.len()),
        )
    })
}
