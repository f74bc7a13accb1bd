//! Actions of agents in the Page Inbox or Instagram Inbox.

use handover_protocol::{PersonId, Timestamp};

use super::thread::{ChatMessage, HandoverKind, MessageAuthor, Origin, Thread};
use super::{ActionError, InboxDone, Platform, Step};

/// Folder of the inbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Folder {
    /// The inbox owns the thread, which waits for an agent.
    Main,
    /// Another app owns the thread, or it is idle.
    Done,
}

impl Thread {
    /// Returns the folder of the thread.
    pub fn folder(&self, now: Timestamp) -> Folder {
        if self.owner(now) == Some(&self.product.inbox()) {
            Folder::Main
        } else {
            Folder::Done
        }
    }
}

impl Platform {
    /// An agent replies. Unless the inbox is the owner, it takes control first, and the previous
    /// owner gets `take_thread_control`.
    pub fn inbox_reply(
        &mut self,
        person: &PersonId,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        let inbox = tx.account.product.inbox();
        if text.trim().is_empty() {
            return Err(ActionError::Empty);
        }
        if tx.thread.human_agent_until(now).is_none() {
            return Err(ActionError::WindowClosed);
        }
        if !tx.thread.is_with(&inbox, now) {
            tx.take(&inbox, None);
        }
        let message = ChatMessage {
            text: Some(text.to_owned()),
            origin: Some(Origin::Inbox),
            ..ChatMessage::new(tx.ids.message(), now, MessageAuthor::App(inbox))
        };
        tx.append(message.clone());
        tx.report(&message);
        Ok(tx.commit(message.mid))
    }

    /// An agent marks the thread as done. Control passes to the default app or primary receiver,
    /// which gets `pass_thread_control`. Without one, the thread becomes idle.
    pub fn inbox_done(
        &mut self,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        let inbox = tx.account.product.inbox();
        let owner = tx.owner();
        if owner.as_ref() != Some(&inbox) {
            return Err(ActionError::NotWithInbox { owner });
        }
        let heir = tx.default_app().filter(|app| **app != inbox);
        match (tx.behavior.inbox_done, heir) {
            (InboxDone::Keeps, _) => {}
            (InboxDone::Passes, Some(heir)) => tx.pass(heir, None),
            (InboxDone::Passes | InboxDone::Releases, _) => {
                tx.give_to(None, HandoverKind::Released, None);
            }
        }
        Ok(tx.commit(()))
    }

    /// An agent moves the thread to the main folder: the inbox takes control, and the previous
    /// owner gets `take_thread_control`.
    pub fn inbox_take(
        &mut self,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        let inbox = tx.account.product.inbox();
        if tx.thread.is_with(&inbox, now) {
            return Err(ActionError::AlreadyWithInbox);
        }
        tx.take(&inbox, None);
        Ok(tx.commit(()))
    }

    /// An agent requests control. The owner, or the primary receiver under the Handover Protocol,
    /// gets `request_thread_control`. The inbox gets an idle thread at once.
    ///
    /// Conversation routing refuses this call to apps. The inbox may do it, and on older Pages does
    /// it when a thread is moved out of "Done".
    pub fn inbox_request(
        &mut self,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Step<()>, ActionError> {
        let mut tx = self.begin_for_person(person, now)?;
        let inbox = tx.account.product.inbox();
        if tx.thread.is_with(&inbox, now) {
            return Err(ActionError::AlreadyWithInbox);
        }
        tx.thread.requested = true;
        tx.ask_for(&inbox, None);
        Ok(tx.commit(()))
    }
}
