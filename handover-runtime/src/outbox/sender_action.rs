//! Signs that are not messages: shown at once or never.

use std::time::Duration;

use handover_protocol::{Object, Recipient, SendRequest, SenderAction};

use super::deliver::Outbox;
use super::guard;
use crate::accounts::{KnownAccount, Lookup};
use crate::causes;
use crate::graph::Call;
use crate::journal::ThreadState;
use crate::thread::ThreadKey;

/// How long a sign may take: what it stands for is not to wait for it.
const TIMEOUT: Duration = Duration::from_secs(2);

impl Outbox {
    /// Shows the sign now, past the queue; says whether it was shown. Nothing comes of it if not.
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
            let Lookup::Known(KnownAccount { graph, send_rate }) =
                self.accounts.find(account, object).await
            else {
                return None;
            };
            self.limiter.wait(account, send_rate, &call).await;
            Some(graph.for_product(object.clone()).execute(&call).await)
        });
        match shown.await {
            Ok(None) => false,
            Ok(Some(Ok(_))) => true,
            Ok(Some(Err(error))) => {
                tracing::debug!(%thread, ?action, error = causes::with_causes(&error), "a sign is not shown");
                false
            }
            Err(_) => {
                tracing::debug!(%thread, ?action, "a sign is not shown: the platform takes too long");
                false
            }
        }
    }
}

/// Whether nothing is lost if the call is not made.
pub(super) fn is_sender_action(call: &Call) -> bool {
    matches!(call, Call::Messages(send) if send.message.is_none() && send.sender_action.is_some())
}
