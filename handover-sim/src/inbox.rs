use std::sync::Arc;

use crate::person::Person;
use crate::platform::{ActionError, Folder, Origin, Thread};
use crate::server::SharedState;

/// Page Inbox, in which human agents answer in the name of the Page.
///
/// ```
/// # use handover_sim::{Simulator, platform::Folder};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sim = Simulator::builder().start().await?;
/// let ana = sim.person("Ana");
/// ana.says("hello").await?;
///
/// let inbox = sim.inbox();
/// inbox.take(&ana).await?;
/// assert_eq!(inbox.threads(Folder::Main)[0].name, "Ana");
/// inbox.done(&ana).await?;
/// assert_eq!(inbox.threads(Folder::Done)[0].name, "Ana");
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Inbox {
    shared: Arc<SharedState>,
}

impl Inbox {
    pub(crate) fn new(shared: Arc<SharedState>) -> Self {
        Self { shared }
    }

    /// Returns the threads of a folder. A thread without messages is in no folder.
    pub fn threads(&self, folder: Folder) -> Vec<Thread> {
        self.shared.read(|platform, now| {
            let threads = platform.threads().iter();
            threads
                .filter(|thread| thread.folder(now) == folder && !thread.entries.is_empty())
                .cloned()
                .collect()
        })
    }

    /// Replies as an agent. The inbox takes control first unless it is the owner. Returns the
    /// message id.
    pub async fn reply(&self, person: &Person, text: &str) -> Result<String, ActionError> {
        self.shared.act(person.id(), |platform, now| {
            platform.inbox_reply(person.id(), text, now)
        })
    }

    /// Writes a message without taking control. The owner stays the owner, and apps only get the
    /// echo. Returns the message id.
    ///
    /// ```
    /// # use handover_sim::Simulator;
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let sim = Simulator::builder().start().await?;
    /// let ana = sim.person("Ana");
    /// ana.says("hello").await?;
    /// sim.inbox().say(&ana, "Hi Ana, Ben here.").await?;
    /// assert_eq!(sim.owner_of(&ana), None);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn say(&self, person: &Person, text: &str) -> Result<String, ActionError> {
        self.say_as(person, text, Origin::Inbox).await
    }

    /// Like [`say`](Self::say), with another origin: a human in the Messenger or Instagram app, an
    /// automatic answer, or Meta's AI.
    pub async fn say_as(
        &self,
        person: &Person,
        text: &str,
        origin: Origin,
    ) -> Result<String, ActionError> {
        self.shared.act(person.id(), |platform, now| {
            platform.account_says(person.id(), text, origin, now)
        })
    }

    /// Writes a public comment as the account, below a comment, a post, or by default a new post.
    /// Apps get the same webhook as for other comments. Returns the comment id.
    pub async fn comment(
        &self,
        person: &Person,
        text: &str,
        below: Option<&str>,
    ) -> Result<String, ActionError> {
        self.shared.act(person.id(), |platform, now| {
            platform.account_comments(person.id(), text, below, now)
        })
    }

    /// Deletes a message of the account.
    pub async fn delete(&self, person: &Person, mid: &str) -> Result<(), ActionError> {
        self.delete_message(person, Some(mid)).await.map(drop)
    }

    /// Deletes a message of the account that was sent before the simulator started, which no app
    /// has seen. Returns its id.
    pub async fn delete_old(&self, person: &Person) -> Result<String, ActionError> {
        self.delete_message(person, None).await
    }

    async fn delete_message(
        &self,
        person: &Person,
        mid: Option<&str>,
    ) -> Result<String, ActionError> {
        self.shared.act(person.id(), |platform, now| {
            platform.account_deletes(person.id(), mid, now)
        })
    }

    /// Marks the thread as done, which returns control to the default app.
    pub async fn done(&self, person: &Person) -> Result<(), ActionError> {
        self.shared.act(person.id(), |platform, now| {
            platform.inbox_done(person.id(), now)
        })
    }

    /// Moves the thread to the main folder, by which the inbox takes control.
    pub async fn take(&self, person: &Person) -> Result<(), ActionError> {
        self.shared.act(person.id(), |platform, now| {
            platform.inbox_take(person.id(), now)
        })
    }

    /// Requests control from the owner, which may grant it or not.
    pub async fn request(&self, person: &Person) -> Result<(), ActionError> {
        self.shared.act(person.id(), |platform, now| {
            platform.inbox_request(person.id(), now)
        })
    }
}
