//! Messages of Meta's own apps and automations, which do not change the owner of the thread.

use handover_protocol::{AppId, EventBody, Message, PersonId, Timestamp};

use super::thread::{ChatMessage, DAY, MessageAuthor, Origin};
use super::thread_tx::ThreadTx;
use super::{ActionError, Deletions, Platform, Product, Step};

/// `metadata` of echoes of Meta's AI.
const AI_METADATA: &str = r#"{"source":"axon"}"#;

impl Platform {
    /// Sends a message in the name of the account without changing control: as a human in the inbox
    /// or in the Messenger or Instagram app, as an automatic answer, or as Meta's AI. Apps only get
    /// the echo. Returns the message id.
    pub fn account_says(
        &mut self,
        person: &PersonId,
        text: &str,
        origin: Origin,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        if text.trim().is_empty() {
            return Err(ActionError::Empty);
        }
        if tx.thread.human_agent_until(now).is_none() {
            return Err(ActionError::WindowClosed);
        }
        let mid = tx.send_as_account(text, origin);
        Ok(tx.commit(mid))
    }

    /// Deletes a message of the account: one of this thread, or without `mid` one that was sent
    /// before the simulator started. Apps get an echo with `is_deleted` on Instagram, and on
    /// Messenger if [`messenger_deletions`](super::Behavior::messenger_deletions) is set. Returns
    /// the message id.
    pub fn account_deletes(
        &mut self,
        person: &PersonId,
        mid: Option<&str>,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        let (mid, app) = match mid {
            Some(mid) => {
                let message = tx.message(mid)?;
                let MessageAuthor::App(app) = &message.author else {
                    return Err(ActionError::NotTheAccounts(mid.to_owned()));
                };
                let app = (app.clone(), message.origin);
                message.unsent = true;
                (mid.to_owned(), app)
            }
            None => {
                let inbox = tx.account.product.inbox();
                (tx.ids.message(), (inbox, Some(Origin::Inbox)))
            }
        };
        if tx.reports_deletions() {
            let echo = tx.by_account(EventBody::Echo(Message {
                mid: Some(mid.clone()),
                is_echo: true,
                is_deleted: true,
                app_id: tx.echoed_app(&app.0, app.1),
                ..Message::default()
            }));
            tx.announce(&echo);
        }
        Ok(tx.commit(mid))
    }
}

impl ThreadTx<'_> {
    /// Sends the automatic answers of the inbox to the person's new message.
    pub(super) fn send_automatic_reply(&mut self, is_first: bool) {
        if let Some(text) = self.account.instant_reply.as_ref().filter(|_| is_first) {
            self.send_as_account(text, Origin::InstantReply);
        }
        let since = self.thread.away_message_at.map(Timestamp::as_millis);
        let is_due = since.is_none_or(|since| self.now.as_millis() - since >= DAY);
        if let Some(text) = self.account.away_message.as_ref().filter(|_| is_due) {
            self.thread.away_message_at = Some(self.now);
            self.send_as_account(text, Origin::AwayMessage);
        }
    }

    pub(super) fn reports_deletions(&self) -> bool {
        self.account.product == Product::Instagram
            || self.behavior.messenger_deletions == Deletions::Sent
    }

    fn send_as_account(&mut self, text: &str, origin: Origin) -> String {
        let author: AppId = self.account.product.inbox();
        let message = ChatMessage {
            text: Some(text.to_owned()),
            metadata: (origin == Origin::Ai).then(|| AI_METADATA.to_owned()),
            origin: Some(origin),
            ..ChatMessage::new(self.ids.message(), self.now, MessageAuthor::App(author))
        };
        let mid = message.mid.clone();
        self.append(message.clone());
        self.report(&message);
        mid
    }
}
