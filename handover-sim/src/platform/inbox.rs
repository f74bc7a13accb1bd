//! What people do in the Page Inbox, or in the Instagram Inbox.

use handover_protocol::{PersonId, Timestamp};

use super::thread::{Author, ChatMessage, HandoverKind, Origin, Thread};
use super::{ActError, InboxDone, Platform, Step};

/// Where the inbox shows a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Folder {
    /// The inbox owns the thread: somebody has to answer.
    Main,
    /// Another app owns it, or nobody.
    Done,
}

impl Thread {
    /// The folder of the inbox this thread is in.
    pub fn folder(&self, now: Timestamp) -> Folder {
        if self.owner(now) == Some(&self.product.inbox()) {
            Folder::Main
        } else {
            Folder::Done
        }
    }
}

impl Platform {
    /// An agent answers. If the inbox is not the owner it takes control first, and the previous
    /// owner gets `take_thread_control`.
    pub fn inbox_reply(
        &mut self,
        person: &PersonId,
        text: &str,
        now: Timestamp,
    ) -> Result<Step<String>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        let inbox = scene.account.product.inbox();
        if text.trim().is_empty() {
            return Err(ActError::Empty);
        }
        if scene.thread.human_agent_until(now).is_none() {
            return Err(ActError::WindowClosed);
        }
        if !scene.thread.is_with(&inbox, now) {
            scene.take(&inbox, None);
        }
        let message = ChatMessage {
            text: Some(text.to_owned()),
            origin: Some(Origin::Inbox),
            ..ChatMessage::new(scene.ids.message(), now, Author::App(inbox))
        };
        scene.append(message.clone());
        scene.report(&message);
        Ok(scene.close(message.mid))
    }

    /// An agent marks the thread as done: control goes to the default app or primary receiver, which
    /// gets `pass_thread_control`. Without one the thread falls idle.
    pub fn inbox_done(&mut self, person: &PersonId, now: Timestamp) -> Result<Step<()>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        let inbox = scene.account.product.inbox();
        let owner = scene.owner();
        if owner.as_ref() != Some(&inbox) {
            return Err(ActError::NotWithInbox { owner });
        }
        let heir = scene.default_app().filter(|app| **app != inbox);
        match (scene.choices.inbox_done, heir) {
            (InboxDone::Keeps, _) => {}
            (InboxDone::Passes, Some(heir)) => scene.pass(heir, None),
            (InboxDone::Passes | InboxDone::Releases, _) => {
                scene.give_to(None, HandoverKind::Released, None);
            }
        }
        Ok(scene.close(()))
    }

    /// An agent moves the thread to the main folder: the inbox takes control, and the previous
    /// owner gets `take_thread_control`.
    pub fn inbox_take(&mut self, person: &PersonId, now: Timestamp) -> Result<Step<()>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        let inbox = scene.account.product.inbox();
        if scene.thread.is_with(&inbox, now) {
            return Err(ActError::AlreadyWithInbox);
        }
        scene.take(&inbox, None);
        Ok(scene.close(()))
    }

    /// An agent asks for the thread instead of taking it: the owner, or the primary receiver of old,
    /// gets `request_thread_control`. If there is nobody to ask it is the inbox's at once.
    ///
    /// Conversation routing refuses this to apps; the inbox is the platform's own, and older Pages
    /// do it when a thread is moved out of "Done".
    pub fn inbox_request(
        &mut self,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Step<()>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        let inbox = scene.account.product.inbox();
        if scene.thread.is_with(&inbox, now) {
            return Err(ActError::AlreadyWithInbox);
        }
        scene.thread.requested = true;
        scene.ask_for(&inbox, None);
        Ok(scene.close(()))
    }
}
