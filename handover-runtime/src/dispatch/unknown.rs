//! Events of accounts that the bot does not speak for.

use handover_protocol::Timestamp;

use super::EventDispatcher;
use super::worker::STORE_PAUSE;
use crate::accounts::{KnownAccount, Lookup};
use crate::causes;
use crate::failure_kind::FailureKind;
use crate::internal_event::InternalEvent;
use crate::journal::{Claim, ClaimedEvent, EventResult, ReceiptStatus, Settlement, ThreadRelease};

impl EventDispatcher {
    /// The thread's account. Without one the thread is let go: its events become
    /// dead letters, or wait where nobody can tell.
    pub(super) async fn account_of(&self, claim: &Claim) -> Option<KnownAccount> {
        let product = claim.events.first()?.event.object();
        let account = &claim.thread.account;
        let (result, until) = match self.accounts.find(account, product).await {
            Lookup::Known(known) => return Some(known),
            Lookup::Unknown(reason) => (Some(EventResult::Failed(reason.to_string())), None),
            Lookup::Unclear(error) => {
                tracing::error!(%account, error = causes::with_causes(&*error), "the token store does not answer; events wait");
                (None, Some(self.settings.clock.now() + STORE_PAUSE))
            }
        };
        Box::pin(self.let_go(claim, result, until)).await;
        None
    }

    /// Lets a thread go whose account is unknown. Its events end with this result, or wait.
    async fn let_go(&self, claim: &Claim, result: Option<EventResult>, until: Option<Timestamp>) {
        let account = &claim.thread.account;
        let is_own = |event: &ClaimedEvent| event.event.own().is_some();
        if result.is_some() && !claim.events.iter().all(is_own) {
            self.accounts.has_lost_events(account);
        }
        let thread = &claim.thread;
        let sequences = || claim.events.iter().map(|event| event.sequence).collect();
        let receipts = claim.events.iter().filter_map(|event| {
            let number = event.event.own().and_then(InternalEvent::signal)?.receipt?;
            let Some(EventResult::Failed(reason)) = &result else {
                return None;
            };
            Some((number, ReceiptStatus::failed(FailureKind::Other, reason)))
        });
        let receipts = receipts.collect();
        let settlement = result.clone().map(|result| Settlement {
            result,
            receipts,
            ..Settlement::of(thread.clone(), sequences())
        });
        let release = ThreadRelease {
            thread: thread.clone(),
            until,
        };
        let settled = self
            .journal
            .settle(Vec::from_iter(settlement), vec![release])
            .await;
        match settled {
            Ok(settled) => {
                if let Some(result) = result {
                    let failed = claim.events.len() as u64;
                    let tallies = self.accounts.tallies();
                    tallies.count(account, |tally| tally.events_failed += failed);
                    for event in &claim.events {
                        let kind = self.events.of(&event.event);
                        kind.ended(&result);
                    }
                }
                self.wake.up(settled.ready);
            }
            Err(error) => {
                tracing::error!(%thread, %error, "events of an unknown account could not be set aside; trying again");
                let release = ThreadRelease {
                    thread: thread.clone(),
                    until: Some(self.settings.clock.now() + STORE_PAUSE),
                };
                // It is released even if the storage fails.
                if let Ok(settled) = self.journal.settle(Vec::new(), vec![release]).await {
                    self.wake.up(settled.ready);
                }
            }
        }
    }
}
