//! Edits without a change.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use handover_protocol::{AccountId, EventBody, Received};

use super::WebhookState;
use super::receive::{new_event, store};

/// How long to wait for the message of such an edit.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What accounts received since the bot started.
///
/// Instagram sends a `message_edit` with `num_edit` 0 beside many new messages. An app in development mode
/// sometimes gets nothing else; then the log has to explain why the bot does not answer.
#[derive(Debug, Default)]
pub(crate) struct EmptyEdits(Mutex<HashMap<AccountId, AccountHistory>>);

#[derive(Debug, Default)]
struct AccountHistory {
    a_message: bool,
    /// The first message that only such an edit named.
    edited: Option<EmptyEdit>,
    warned: bool,
}

#[derive(Debug)]
struct EmptyEdit {
    mid: Option<String>,
}

impl EmptyEdits {
    /// Removes such edits. One of an account that gets nothing else stays, as a trace for `handover
    /// doctor`; no handler takes it.
    pub(super) fn leave_out(&self, webhook: &Arc<WebhookState>, received: &mut Vec<Received>) {
        let mut seen = self.seen();
        for one in &*received {
            if let EventBody::Message(_) | EventBody::Postback(_) = one.event.body {
                seen.entry(one.account.clone()).or_default().a_message = true;
            }
        }
        received.retain(|one| {
            let mid = match &one.event.body {
                EventBody::MessageEdit(edit) if !edit.is_edit() => &edit.mid,
                _ => return true,
            };
            tracing::debug!(account = %one.account, "an edit in which nothing was edited is left out");
            let of_account = seen.entry(one.account.clone()).or_default();
            if of_account.a_message || of_account.warned {
                return false;
            }
            match &of_account.edited {
                Some(first) if first.mid != *mid => {
                    of_account.warn(&one.account);
                    return true;
                }
                Some(_) => {}
                None => {
                    of_account.edited = Some(EmptyEdit { mid: mid.clone() });
                    look_again(webhook, one.clone());
                }
            }
            false
        });
    }

    /// Whether the account still got nothing else.
    fn is_alone(&self, account: &AccountId) -> bool {
        let mut seen = self.seen();
        let of_account = seen.entry(account.clone()).or_default();
        let is_alone = !of_account.a_message && !of_account.warned;
        if is_alone {
            of_account.warn(account);
        }
        is_alone
    }

    fn seen(&self) -> MutexGuard<'_, HashMap<AccountId, AccountHistory>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AccountHistory {
    fn warn(&mut self, account: &AccountId) {
        self.warned = true;
        tracing::warn!(%account, "the platform sends `message_edit` with `num_edit` 0 and no messages: the app is probably in development mode, or lacks access to messages. Switch the app to live mode, or give the person who writes a role in it");
    }
}

/// Warns if the message does not arrive.
fn look_again(webhook: &Arc<WebhookState>, edit: Received) {
    let webhook = Arc::downgrade(webhook);
    tokio::spawn(async move {
        tokio::time::sleep(TIMEOUT).await;
        if let Some(webhook) = webhook.upgrade()
            && webhook.empty_edits.is_alone(&edit.account)
            && let Some(inside) = webhook.gate.enter()
        {
            let event = new_event(edit, webhook.clock.now(), &webhook);
            // Its webhook was answered long ago; failures are logged.
            let _ = store(webhook, vec![event], inside).await;
        }
    });
}
