//! Renewal of refused access tokens, and accounts that go and come back.

use std::sync::Arc;
use std::time::Duration;

use handover_protocol::AccountId;
use tokio::time::Instant;

use super::Outbox;
use crate::accounts::{AccountChanges, Renewal};
use crate::journal_file::Replay;

const EVERY: Duration = Duration::from_secs(1);
/// A slow store is asked less often: after this multiple of its response time.
const REST: u32 = 20;

/// Resumes accounts as soon as the token store has another token, ends the waiting calls of removed
/// accounts, and takes back threads of accounts that appear. Never returns.
pub(crate) async fn renew(outbox: Arc<Outbox>) {
    let mut took = Duration::ZERO;
    loop {
        tokio::time::sleep(EVERY.max(took * REST)).await;
        let asked = Instant::now();
        let AccountChanges {
            appeared,
            mut removed,
        } = outbox.accounts.changes().await;
        for (account, refused) in outbox.pauses.refused() {
            let (accounts, product) = (&outbox.accounts, &refused.product);
            match accounts.renewal(&account, product, &refused.graph).await {
                Renewal::OtherToken => {
                    tracing::info!(%account, "there is another access token; sending goes on unless a limit of the platform pauses it");
                    outbox.pauses.token_renewed(&account, outbox.clock.now());
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
        for account in appeared {
            take_back(&outbox, account).await;
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

/// The timers ended that take threads of an account back from the people, because it was removed: they run out
/// now that it is here again, so that nobody is left without an answer.
async fn take_back(outbox: &Outbox, account: AccountId) {
    let timers = Replay::dead_letters()
        .account(account.clone())
        .of_take_backs();
    match outbox.journal.replay(timers).await {
        Ok((replayed, ready)) => {
            if !replayed.is_empty() {
                tracing::info!(%account, threads = replayed.len(), "an account is back: its threads are taken back from the people");
            }
            outbox.wake.up(ready);
        }
        Err(error) => {
            tracing::error!(%account, %error, "threads of an account that is back could not be taken back; `handover replay dead-letters` does it");
        }
    }
}
