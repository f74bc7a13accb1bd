//! Catching up on messages that the platform did not deliver: read from the Conversations API and stored as
//! if a webhook had delivered them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use handover_protocol::{AccountId, Object, Received, Timestamp};

use super::WebhookState;
use super::receive::{new_event, store};
use crate::accounts::Accounts;
use crate::causes;
use crate::graph::{Graph, MessagesSince};

/// Messages that are stored in one commit.
const AT_ONCE: usize = 100;

/// Result of [`BotHandle::catch_up`](crate::BotHandle::catch_up).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct CatchUpReport {
    /// Number of conversations that were read.
    pub conversations: usize,
    /// Messages of persons in the requested time.
    pub messages: usize,
    /// Messages among them that were new; the bot handles them.
    pub new: usize,
    /// Conversations that may have older messages in that time: the platform shows only the newest 20 of
    /// each.
    pub cut_off: usize,
    /// Accounts that could not be read. The log has the reasons.
    pub failed: usize,
}

impl fmt::Display for CatchUpReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            conversations,
            messages,
            new,
            cut_off,
            failed,
        } = self;
        write!(
            f,
            "{new} new of {messages} messages in {conversations} conversations"
        )?;
        if *cut_off > 0 {
            write!(
                f,
                "; {cut_off} conversations may have older ones, which the platform does not show"
            )?;
        }
        if *failed > 0 {
            write!(f, "; {failed} accounts could not be read")?;
        }
        Ok(())
    }
}

/// Reads what persons wrote to the accounts in this time, and stores what is new.
pub(crate) async fn catch_up(
    webhook: Arc<WebhookState>,
    accounts: Arc<Accounts>,
    time: Duration,
) -> CatchUpReport {
    let since = webhook.clock.now() - time;
    let mut caught = CatchUpReport::default();
    let all = match accounts.all().await {
        Ok(all) => all,
        Err(error) => {
            let error = causes::with_causes(&*error);
            tracing::error!(
                error,
                "missed messages cannot be read: the token store fails"
            );
            caught.failed = 1;
            return caught;
        }
    };
    for account in &all {
        // A webhook of this account will report why it is unknown.
        let Ok(known) = accounts.connect(account) else {
            continue;
        };
        let mut instagram = account.instagram.clone();
        if instagram.is_empty() {
            // The Instagram account of a bot with one Page is not configured.
            let linked = known.graph.instagram_account().await;
            instagram.extend(linked.ok().flatten());
        }
        let has_instagram = !instagram.is_empty();
        let products = [Object::Page].into_iter();
        for product in products.chain(has_instagram.then_some(Object::Instagram)) {
            let graph = known.graph.for_product(product);
            let read = read(&webhook, &graph, &instagram, since, &mut caught).await;
            if let Err(error) = read {
                caught.failed += 1;
                let error = causes::with_causes(&*error);
                tracing::error!(account = %account.page_id, error, "missed messages cannot be read");
            }
        }
    }
    tracing::info!("missed messages: {caught}");
    caught
}

async fn read(
    webhook: &Arc<WebhookState>,
    graph: &Graph,
    instagram: &[AccountId],
    since: Timestamp,
    caught: &mut CatchUpReport,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let MessagesSince {
        messages,
        conversations,
        cut_off,
    } = graph.messages_of(instagram, since).await?;
    caught.conversations += conversations;
    caught.cut_off += cut_off;
    caught.messages += messages.len();
    tracing::info!(account = %graph.page_id(), product = graph.product().as_str(), messages = messages.len(), conversations, "read what persons wrote");
    let now = webhook.clock.now();
    for some in messages.chunks(AT_ONCE) {
        let inside = webhook.gate.enter().ok_or("the bot stops")?;
        let event = |received: &Received| new_event(received.clone(), now, webhook);
        let events = some.iter().map(event).collect();
        let stored = store(webhook.clone(), events, inside).await;
        caught.new += stored.map_err(|_| "the journal cannot be written")?;
    }
    Ok(())
}
