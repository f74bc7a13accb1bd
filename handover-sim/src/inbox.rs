use std::sync::Arc;

use crate::person::Person;
use crate::platform::{ActError, Folder, Thread};
use crate::server::Desk;

/// The Page Inbox, where people answer in the Page's name.
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
    desk: Arc<Desk>,
}

impl Inbox {
    pub(crate) fn new(desk: Arc<Desk>) -> Self {
        Self { desk }
    }

    /// The threads in a folder, with all that was said. Threads in which nothing was said yet are
    /// in none.
    pub fn threads(&self, folder: Folder) -> Vec<Thread> {
        self.desk.look(|platform, now| {
            let threads = platform.threads().iter();
            threads
                .filter(|thread| thread.folder(now) == folder && !thread.lines.is_empty())
                .cloned()
                .collect()
        })
    }

    /// Answers. If the inbox is not the owner it takes control first. Answers with the message's id.
    pub async fn reply(&self, person: &Person, text: &str) -> Result<String, ActError> {
        self.desk.act(person.id(), |platform, now| {
            platform.inbox_reply(person.id(), text, now)
        })
    }

    /// Marks the thread as done: control goes back to the default app.
    pub async fn done(&self, person: &Person) -> Result<(), ActError> {
        self.desk.act(person.id(), |platform, now| {
            platform.inbox_done(person.id(), now)
        })
    }

    /// Moves the thread to the main folder: the inbox takes control.
    pub async fn take(&self, person: &Person) -> Result<(), ActError> {
        self.desk.act(person.id(), |platform, now| {
            platform.inbox_take(person.id(), now)
        })
    }

    /// Asks the owner for control. The owner may do as it likes.
    pub async fn request(&self, person: &Person) -> Result<(), ActError> {
        self.desk.act(person.id(), |platform, now| {
            platform.inbox_request(person.id(), now)
        })
    }
}
