//! Whether threads find the bot, and can be taken back.

use super::api::Api;
use super::configuration::Configuration;
use super::finding::Finding;

const CHECK: &str = "routing";

pub(super) async fn examine(api: &Api, of: &Configuration, instagram: bool) -> Finding {
    let query = [("fields", "messaging_feature_status")];
    let told = match api.get(&["me"], &query, &of.token).await {
        Ok(told) => told,
        Err(error) => {
            let fix = "see what is wrong with the token";
            return Finding::refused(CHECK, &error, fix);
        }
    };
    let flag = match instagram {
        true => "ig_multi_app",
        false => "msgr_multi_app",
    };
    if told["messaging_feature_status"][flag] == true {
        return Finding::good(CHECK, "Conversation Routing is on: a default app is set");
    }
    Finding::warning(
        CHECK,
        "Conversation Routing is off: no default app is set",
        "the bot cannot take threads back, and an idle thread's next message may go to nobody in particular",
        "set the bot as the default app: Page settings > Advanced messaging > Conversation routing",
    )
}
