//! Whether threads find the bot, and can be taken back.

use super::configuration::ConfiguredAccount;
use super::finding::Finding;

const CHECK: &str = "routing";

pub(super) async fn examine(of: &ConfiguredAccount, instagram: bool) -> Finding {
    let features = match of.graph.messaging_feature_status().await {
        Ok(features) => features,
        Err(error) => {
            let fix = "see the check `token`";
            return Finding::refused(CHECK, of.redactor.redacted(&error), fix);
        }
    };
    let is_on = match instagram {
        true => features.ig_multi_app,
        false => features.msgr_multi_app,
    };
    if is_on {
        return Finding::good(CHECK, "Conversation Routing is on: a default app is set");
    }
    Finding::warning(
        CHECK,
        "Conversation Routing is off: no default app is set",
        "the bot cannot take threads back, and the next message of an idle thread may reach no bot",
        "set the bot as the default app: Page settings > Advanced messaging > Conversation routing",
    )
}
