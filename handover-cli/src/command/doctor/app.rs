//! The app's own subscription: where events go, and which.

use serde_json::Value;
use url::Url;

use super::api::Api;
use super::configuration::Configuration;
use super::finding::Finding;
use super::needs::{Need, missing};

const CHECK: &str = "app";
const WHERE: &str = "App Dashboard > Messenger > Messenger API Settings > Configure webhooks";

pub(super) async fn examine(
    api: &Api,
    of: &Configuration,
    needed: &[Need],
    instagram: bool,
) -> (Finding, Option<Url>) {
    let told = match api
        .get(&[&of.app, "subscriptions"], &[], &of.app_token())
        .await
    {
        Ok(told) => told,
        Err(error) => {
            let fix = "see what is wrong with the app's secret";
            return (Finding::refused(CHECK, &error, fix), None);
        }
    };
    let object = if instagram { "instagram" } else { "page" };
    let rows = told["data"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let Some(row) = rows.iter().find(|row| row["object"] == object) else {
        let finding = Finding::fault(
            CHECK,
            format!("it has no webhook for the object {object}"),
            "nothing that people write reaches the bot",
            format!("enter the callback URL and MESSENGER_VERIFY_TOKEN at {WHERE}"),
        );
        return (finding, None);
    };
    let callback = row["callback_url"]
        .as_str()
        .and_then(|url| url.parse().ok());
    (judge(row, needed, instagram), callback)
}

fn judge(row: &Value, needed: &[Need], instagram: bool) -> Finding {
    if row["active"] == false {
        return Finding::fault(
            CHECK,
            "its webhook is switched off",
            "nothing that people write reaches the bot",
            format!("let it be verified again at {WHERE}"),
        );
    }
    let fields = row["fields"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    // They come as objects, and from older versions as names.
    let names = fields
        .iter()
        .map(|field| field["name"].as_str().or(field.as_str()));
    let has: Vec<&str> = names.flatten().collect();
    let name: fn(&Need) -> &'static str = match instagram {
        true => |need| need.on_instagram,
        false => |need| need.field,
    };
    let (vital, others) = missing(needed, &has, name);
    let url = row["callback_url"].as_str().unwrap_or_default();
    let fix = |fields: &[&str]| format!("tick {} at {WHERE}", fields.join(", "));
    match (vital.as_slice(), others.as_slice()) {
        ([], []) => Finding::good(
            CHECK,
            format!("subscribed to {} fields, at {url}", has.len()),
        ),
        ([], others) => Finding::warning(
            CHECK,
            format!("it does not subscribe to {}", others.join(", ")),
            "the bot does not learn what was delivered, or what is said while a person answers",
            fix(others),
        ),
        (vital, _) => Finding::fault(
            CHECK,
            format!("it does not subscribe to {}", vital.join(", ")),
            "these events never reach the bot",
            fix(vital),
        ),
    }
}
