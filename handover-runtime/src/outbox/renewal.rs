//! Renewal of refused access tokens, and removal of accounts.

use std::sync::Arc;
use std::time::Duration;

use handover_protocol::AccountId;
use tokio::time::Instant;

use super::Outbox;
use crate::accounts::Renewal;

const EVERY: Duration = Duration::from_secs(1);
/// A slow store is asked less often: after this multiple of its response time.
const REST: u32 = 20;

/// Resumes accounts as soon as the token store has another token, and ends the waiting calls of removed
/// accounts. Never returns.
pub(crate) async fn renew(outbox: Arc<Outbox>) {
    let mut took = Duration::ZERO;
    loop {
        tokio::time::sleep(EVERY.max(took * REST)).await;
        let asked = Instant::now();
        let mut removed = outbox.accounts.newly_removed().await;
        for (account, refused) in outbox.pauses.refused() {
            let (accounts, product) = (&outbox.accounts, &refused.product);
            match accounts.renewal(&account, product, &refused.graph).await {
                Renewal::OtherToken => {
                    tracing::info!(%account, "there is another access token; sending goes on");
                    outbox.pauses.end(&account);
                    outbox.wake.calls_arrived();
                }
                Renewal::SameToken => {}
                Renewal::Removed(_) => removed.push(account),
            }
        }
        took = asked.elapsed();
        for account in removed {
            end_all(&outbox, account).await;
        }
    }
}

/// Turns what is due for a removed account into dead letters.
async fn end_all(outbox: &Outbox, account: AccountId) {
    outbox.pauses.end(&account);
    let now = outbox.clock.now();
    match outbox.journal.make_due(account.clone(), now).await {
        Ok(ready) => outbox.wake.up(ready),
        Err(error) => {
            tracing::error!(%account, %error, "what waits for a removed account could not be ended; it is when its time comes");
        }
    }
}
