//! Sender actions (typing, mark seen): best effort, never retried.

use std::time::Duration;

use handover_protocol::{Object, Recipient, SendRequest, SenderAction};

use super::deliver::Outbox;
use super::guard;
use crate::accounts::{KnownAccount, Lookup};
use crate::causes;
use crate::graph::Call;
use crate::journal::ThreadState;
use crate::thread::ThreadKey;

/// Timeout of a sender action; the reply must not wait for it.
const TIMEOUT: Duration = Duration::from_secs(2);

impl Outbox {
    /// Sends the action at once, past the queue. Returns whether it was sent; a failure has no consequences.
    pub(crate) async fn show(
        &self,
        action: SenderAction,
        thread: &ThreadKey,
        state: &ThreadState,
        object: &Object,
    ) -> bool {
        let Some(person) = thread.person() else {
            return false;
        };
        let call = Call::Messages(SendRequest {
            recipient: Recipient::id(person.clone()),
            sender_action: Some(action),
            ..SendRequest::default()
        });
        if guard::objection_to(&call, state, false, self.clock.now()).is_some() {
            return false;
        }
        let Some(_permit) = self.permit_for(&thread.account) else {
            return false;
        };
        let shown = tokio::time::timeout(TIMEOUT, async {
            let account = &thread.account;
            let Lookup::Known(KnownAccount {
                graph, settings, ..
            }) = self.accounts.find(account, object).await
            else {
                return None;
            };
            if !self.limiter.allows(account, settings.send_rate, &call) {
                return None;
            }
            Some(graph.for_product(object.clone()).execute(&call).await)
        });
        match shown.await {
            Ok(None) => false,
            Ok(Some(Ok(_))) => true,
            Ok(Some(Err(error))) => {
                tracing::debug!(%thread, ?action, error = causes::with_causes(&error), "a sender action was not sent");
                false
            }
            Err(_) => {
                tracing::debug!(%thread, ?action, "a sender action was not sent: timeout");
                false
            }
        }
    }
}

/// Whether the call is a sender action, which may be lost.
pub(super) fn is_sender_action(call: &Call) -> bool {
    matches!(call, Call::Messages(send) if send.message.is_none() && send.sender_action.is_some())
}
