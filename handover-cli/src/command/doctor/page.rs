//! The Page's subscription to the app.

use super::api::Api;
use super::configuration::Configuration;
use super::finding::Finding;
use super::needs::{Need, missing};

const CHECK: &str = "page";

pub(super) async fn examine(api: &Api, of: &Configuration, needed: &[Need]) -> Finding {
    let told = match api
        .get(&[&of.page, "subscribed_apps"], &[], &of.token)
        .await
    {
        Ok(told) => told,
        Err(error) => {
            let fix = "see what is wrong with the token and its permissions";
            return Finding::refused(CHECK, &error, fix);
        }
    };
    let apps = told["data"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let is_ours = |app: &&serde_json::Value| app["id"].as_str() == Some(&of.app);
    let subscribe = |fields: Vec<&str>| {
        let (page, fields) = (&of.page, fields.join(","));
        format!(
            "POST /{page}/subscribed_apps with the Page's token and subscribed_fields={fields} (it replaces the list)"
        )
    };
    let all = needed.iter().map(|need| need.field).collect();
    let Some(app) = apps.iter().find(is_ours) else {
        return Finding::fault(
            CHECK,
            format!("Page {} is not subscribed to app {}", of.page, of.app),
            "nothing that people write to it reaches the bot; the platform also ends a subscription by itself when the webhook fails for an hour",
            subscribe(all),
        );
    };
    let fields = app["subscribed_fields"]
        .as_array()
        .map(Vec::as_slice)
        .unwrap_or_default();
    let has: Vec<&str> = fields.iter().filter_map(|field| field.as_str()).collect();
    let (vital, others) = missing(needed, &has, |need| need.field);
    let fix = || {
        let mut whole = has.clone();
        whole.extend(vital.iter().chain(&others));
        subscribe(whole)
    };
    match (vital.as_slice(), others.as_slice()) {
        ([], []) => Finding::good(CHECK, format!("subscribed with {} fields", has.len())),
        ([], others) => Finding::warning(
            CHECK,
            format!("the Page is subscribed without {}", others.join(", ")),
            "the bot does not learn what was delivered, or what is said while a person answers",
            fix(),
        ),
        (vital, _) => Finding::fault(
            CHECK,
            format!("the Page is subscribed without {}", vital.join(", ")),
            "these events never reach the bot",
            fix(),
        ),
    }
}
