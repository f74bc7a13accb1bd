//! Whether threads can be handed over and taken back.

use handover::protocol::AppId;

use super::api::Api;
use super::configuration::Configuration;
use super::finding::Finding;

pub(super) async fn examine(api: &Api, of: &Configuration, instagram: bool) -> Vec<Finding> {
    let query = [("fields", "messaging_feature_status")];
    let told = match api.get(&["me"], &query, &of.token).await {
        Ok(told) => told,
        Err(error) => {
            let fix = "see what is wrong with the token";
            return vec![Finding::refused("routing", &error, fix)];
        }
    };
    let (flag, inbox_id, inbox) = match instagram {
        true => ("ig_multi_app", AppId::INSTAGRAM_INBOX, "Instagram Inbox"),
        false => ("msgr_multi_app", AppId::PAGE_INBOX, "Page Inbox"),
    };
    if told["messaging_feature_status"][flag] == true {
        return vec![
            Finding::good(
                "routing",
                "Conversation Routing is on: a default app is set",
            ),
            Finding::good(
                "inbox",
                format!("the {inbox} ({inbox_id}) can be handed to"),
            ),
        ];
    }
    let fix =
        "set the bot as the default app: Page settings > Advanced messaging > Conversation routing";
    let routing = Finding::warning(
        "routing",
        "Conversation Routing is off: no default app is set",
        "the bot cannot take threads back, and an idle thread's next message may go to nobody in particular",
        fix,
    );
    vec![routing, legacy_inbox(api, of, inbox_id, inbox).await]
}

/// Without routing, only the receivers of old can tell; newer versions do not know them.
async fn legacy_inbox(api: &Api, of: &Configuration, id: AppId, inbox: &str) -> Finding {
    let told = api
        .get(
            &[&of.page, "secondary_receivers"],
            &[("fields", "id,name")],
            &of.token,
        )
        .await;
    let lists_it = told.is_ok_and(|told| {
        let rows = told["data"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        rows.iter()
            .any(|row| row["id"].as_str() == Some(id.as_str()))
    });
    if lists_it {
        return Finding::good(
            "inbox",
            format!("the {inbox} ({id}) is a receiver of the Page"),
        );
    }
    Finding::warning(
        "inbox",
        format!("whether the {inbox} ({id}) can be handed to shows only when it is tried"),
        "a handoff that is refused leaves the person with the bot",
        "try it in a thread of your own: `handover thread pass PSID --to page_inbox`",
    )
}
