use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use handover_sim::platform::Folder;

use super::failure::done;
use super::person::Person;
use super::theatre::Theatre;

/// The Page Inbox, where people answer in the Page's name.
///
/// # Panics
///
/// Every method panics if what it says cannot be done or does not happen.
#[derive(Clone)]
pub struct Inbox {
    theatre: Arc<Theatre>,
}

impl Inbox {
    pub(super) fn new(theatre: Arc<Theatre>) -> Self {
        Self { theatre }
    }

    /// Waits until the person's thread is in the folder Main: the inbox owns it.
    #[track_caller]
    pub fn sees(&self, person: &Person) -> impl Future<Output = ()> {
        let at = Location::caller();
        let what = format!("the Page Inbox has the thread of {}", person.name());
        async move {
            let inbox = self.at_the_platform();
            let id = person.at_the_platform.id();
            let is_there = || {
                let threads = inbox.threads(Folder::Main);
                threads.iter().any(|thread| thread.person == *id)
            };
            self.theatre.wait(at, person, &what, is_there).await;
        }
    }

    /// Answers. If the inbox is not the owner it takes control first.
    #[track_caller]
    pub fn replies(&self, person: &Person, text: &str) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let replied = self
                .at_the_platform()
                .reply(&person.at_the_platform, text)
                .await;
            done(at, &format!("the Page Inbox replies {text:?}"), replied);
        }
    }

    /// Marks the thread as done: control goes back to the default app.
    #[track_caller]
    pub fn done(&self, person: &Person) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let marked = self.at_the_platform().done(&person.at_the_platform).await;
            done(at, "the Page Inbox marks the thread as done", marked);
        }
    }

    /// Moves the thread to the folder Main: the inbox takes control.
    #[track_caller]
    pub fn takes(&self, person: &Person) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let taken = self.at_the_platform().take(&person.at_the_platform).await;
            done(at, "the Page Inbox takes the thread", taken);
        }
    }

    /// Asks the owner for control. The owner may do as it likes.
    #[track_caller]
    pub fn requests(&self, person: &Person) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let asked = self
                .at_the_platform()
                .request(&person.at_the_platform)
                .await;
            done(at, "the Page Inbox asks for the thread", asked);
        }
    }

    fn at_the_platform(&self) -> handover_sim::Inbox {
        self.theatre.simulator().inbox()
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inbox")
    }
}
