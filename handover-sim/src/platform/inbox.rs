//! What people do in the Page Inbox.

use handover_protocol::{AppId, PersonId, Timestamp};

use super::thread::{Author, ChatMessage, HandoverKind, Thread};
use super::{ActError, Platform, Step};

/// Where the Page Inbox shows a thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Folder {
    /// The inbox owns the thread: somebody has to answer.
    Main,
    /// Another app owns it, or nobody.
    Done,
}

impl Thread {
    /// The folder of the Page Inbox this thread is in.
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
        if text.trim().is_empty() {
            return Err(ActError::Empty);
        }
        if scene.thread.human_agent_until(now).is_none() {
            return Err(ActError::WindowClosed);
        }
        if scene.owner() != Some(AppId::PAGE_INBOX) {
            scene.take(&AppId::PAGE_INBOX, None);
        }
        let message = ChatMessage {
            text: Some(text.to_owned()),
            ..ChatMessage::new(scene.ids.message(), now, Author::App(AppId::PAGE_INBOX))
        };
        scene.append(message.clone());
        scene.report(&message);
        Ok(scene.close(message.mid))
    }

    /// An agent marks the thread as done: control goes to the default app, which gets
    /// `pass_thread_control`. Without a default app the thread falls idle.
    pub fn inbox_done(&mut self, person: &PersonId, now: Timestamp) -> Result<Step<()>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        let owner = scene.owner();
        if owner != Some(AppId::PAGE_INBOX) {
            return Err(ActError::NotWithInbox { owner });
        }
        match scene.default_app() {
            Some(default) if *default != AppId::PAGE_INBOX => scene.pass(default, None),
            _ => scene.give_to(None, HandoverKind::Released, None),
        }
        Ok(scene.close(()))
    }

    /// An agent moves the thread to the main folder: the inbox takes control, and the previous
    /// owner gets `take_thread_control`.
    pub fn inbox_take(&mut self, person: &PersonId, now: Timestamp) -> Result<Step<()>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        if scene.owner() == Some(AppId::PAGE_INBOX) {
            return Err(ActError::AlreadyWithInbox);
        }
        scene.take(&AppId::PAGE_INBOX, None);
        Ok(scene.close(()))
    }

    /// An agent asks for the thread instead of taking it: the owner gets `request_thread_control`.
    /// An idle thread is the inbox's at once.
    ///
    /// Conversation routing refuses this to apps; the inbox is the platform's own, and older Pages
    /// do it when a thread is moved out of "Done".
    pub fn inbox_request(
        &mut self,
        person: &PersonId,
        now: Timestamp,
    ) -> Result<Step<()>, ActError> {
        let mut scene = self.scene_of(person, now)?;
        match scene.owner() {
            Some(owner) if owner == AppId::PAGE_INBOX => return Err(ActError::AlreadyWithInbox),
            Some(owner) => {
                scene.request(owner, &AppId::PAGE_INBOX, None);
                scene.thread.requested = true;
            }
            None => scene.pass(&AppId::PAGE_INBOX, None),
        }
        Ok(scene.close(()))
    }
}
