//! Looks for new access tokens where the old ones were refused.

use std::sync::Arc;
use std::time::Duration;

use crate::outbox::Outbox;

const EVERY: Duration = Duration::from_secs(1);

/// Goes on with accounts as soon as the token store has other tokens for them, for ever.
pub(crate) async fn renew(outbox: Arc<Outbox>) {
    loop {
        tokio::time::sleep(EVERY).await;
        for (account, refused) in outbox.pauses.refused() {
            let (accounts, product) = (&outbox.accounts, &refused.product);
            if accounts
                .has_other_token(&account, product, &refused.graph)
                .await
            {
                tracing::info!(%account, "there is another access token; sending goes on");
                outbox.pauses.end(&account);
                outbox.wake.calls_arrived();
            }
        }
    }
}
