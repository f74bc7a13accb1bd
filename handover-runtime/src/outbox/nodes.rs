//! What several nodes of a bot hold together, or one process after the other: pauses of accounts, and the send rate.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc::unbounded_channel;

use super::Outbox;
use super::pauses::{AccountPause, PauseNews, RefusedToken};
use crate::accounts::Lookup;
use crate::journal::SharedPause;

/// How often to look at what other nodes say.
const EVERY: Duration = Duration::from_millis(250);

/// Notifies the other nodes and the next process of paused accounts. Keeps the pauses of other nodes, and takes this
/// node's part of the send rate, which is that of its lanes.
pub(crate) async fn agree(outbox: Arc<Outbox>) {
    if !outbox.journal.outlives_the_process() {
        return;
    }
    let (listener, mut news) = unbounded_channel();
    outbox.pauses.listen(listener);
    loop {
        let heard = match outbox.journal.is_shared() {
            true => tokio::time::timeout(EVERY, news.recv()).await,
            false => Ok(news.recv().await),
        };
        if let Ok(Some(news)) = heard {
            tell(&outbox, news).await;
        }
        let Some(status) = outbox.journal.node_status() else {
            continue;
        };
        outbox.limiter.take_part(status.lanes);
        for pause in status.pauses {
            keep(&outbox, pause).await;
        }
    }
}

async fn tell(outbox: &Outbox, (account, pause): PauseNews) {
    let pause = pause.map(|pause| {
        let refused = pause.refused;
        let object = refused.as_ref().map(|refused| refused.product.clone());
        SharedPause {
            account: account.clone(),
            object: object.unwrap_or_default(),
            left: pause
                .until
                .map(|until| until.duration_since(outbox.clock.now())),
            token: refused.map(|refused| refused.graph.token_digest()),
            reason: pause.reason,
        }
    });
    if let Err(error) = outbox.journal.share_pause(account.clone(), pause).await {
        // They find it out by themselves, with a call each.
        tracing::warn!(%account, %error, "whether sending is paused could not be stored for other nodes and the next start");
    }
}

/// Keeps a pause that another node has begun.
async fn keep(outbox: &Outbox, pause: SharedPause) {
    let (account, now) = (pause.account, outbox.clock.now());
    let until = pause.left.map(|left| now + left);
    if pause.left == Some(Duration::ZERO) {
        // It ended since the pauses were read.
        return;
    }
    // What waits for a removed account ends at once.
    if outbox.pauses.has(&account, until, now) || outbox.accounts.is_removed(&account) {
        return;
    }
    let refused = match until {
        Some(_) => None,
        None => {
            // This node may have the next token already.
            let Lookup::Known(known) = outbox.accounts.find(&account, &pause.object).await else {
                return;
            };
            let graph = known.graph.for_product(pause.object.clone());
            if pause.token.as_deref() != Some(&graph.token_digest()) {
                return;
            }
            let product = pause.object;
            Some(RefusedToken { product, graph })
        }
    };
    tracing::warn!(%account, reason = pause.reason, "another node has paused sending for this account");
    let pause = AccountPause {
        until,
        reason: pause.reason,
        refused,
    };
    outbox.pauses.keep(account, pause, now);
}
