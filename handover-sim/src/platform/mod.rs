//! The rules of the Messenger Platform, as a state machine.
//!
//! There is no I/O in here and no clock: who acts says when, and gets back the webhooks the act
//! causes. The same acts at the same times give the same ids and the same webhooks, which makes the
//! rules easy to test and a scenario easy to repeat. Where Meta's documentation is silent the
//! choice is noted where it is made.
//!
//! ```
//! use handover_protocol::{AppId, Channel, Timestamp};
//! use handover_sim::platform::{App, Page, Platform};
//!
//! let mut platform = Platform::new(7);
//! platform.connect(App::new("1517776481860111", "Live chat"));
//! platform.open(Page::new("1744550565845823", "Kaffeehaus").default_app("1517776481860111"));
//! let ana = platform.meet(&"1744550565845823".into(), "Ana");
//!
//! let noon = Timestamp::from_secs(1_790_000_000);
//! let said = platform.say(&ana, "hello", noon)?;
//! assert_eq!(said.deliveries.len(), 1);
//! assert_eq!(said.deliveries[0].channel, Channel::Messaging);
//! assert_eq!(platform.thread(&ana).unwrap().owner(noon), Some(&AppId::from("1517776481860111")));
//! # Ok::<(), handover_sim::platform::ActError>(())
//! ```

mod act_error;
mod app;
mod control;
mod delivery;
mod ids;
mod inbox;
mod misfits;
mod page;
mod person;
mod refusal;
mod scene;
mod send;
mod settings;
mod thread;

use handover_protocol::{AccountId, AppId, PersonId, Recipient, Timestamp};

pub use act_error::ActError;
pub use app::App;
pub use delivery::{Delivery, Step};
pub use inbox::Folder;
pub use page::Page;
pub use refusal::Refusal;
pub use thread::{Author, Button, ChatMessage, Control, Handover, HandoverKind, Line, Thread};

use ids::Ids;
use scene::Scene;

/// What a Graph API call answers: a value with the webhooks it causes, or an error body.
pub type Answer<T> = Result<Step<T>, Refusal>;

/// Who calls the Graph API, about which Page, and when.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The app whose token came with the call.
    pub app: &'a AppId,
    /// The Page in the path.
    pub page: &'a AccountId,
    /// The time of the call.
    pub now: Timestamp,
}

/// Apps, Pages and the threads between the Pages and their persons.
#[derive(Debug, Clone)]
pub struct Platform {
    apps: Vec<App>,
    pages: Vec<Page>,
    threads: Vec<Thread>,
    ids: Ids,
}

impl Platform {
    /// A platform with nothing but the Page Inbox. Ids follow from the seed: take another one per
    /// run if the bot has a memory, for it would take a known message id for a repetition.
    pub fn new(seed: u64) -> Self {
        Self {
            apps: vec![App::page_inbox()],
            pages: Vec::new(),
            threads: Vec::new(),
            ids: Ids::new(seed),
        }
    }

    /// Connects an app to every Page. One with the same id is replaced.
    pub fn connect(&mut self, app: App) {
        self.apps.retain(|known| known.id != app.id);
        self.apps.push(app);
    }

    /// Opens a Page. One with the same id is replaced.
    pub fn open(&mut self, page: Page) {
        self.pages.retain(|known| known.id != page.id);
        self.pages.push(page);
    }

    /// A person comes by this Page for the first time. The answer is their id there.
    pub fn meet(&mut self, page: &AccountId, name: &str) -> PersonId {
        let person = self.ids.person();
        let thread = Thread::new(page.clone(), person.clone(), name.to_owned());
        self.threads.push(thread);
        person
    }

    /// Forgets every person and thread; apps and Pages stay.
    pub fn forget_persons(&mut self) {
        self.threads.clear();
    }

    /// The connected apps, the Page Inbox first.
    pub fn apps(&self) -> &[App] {
        &self.apps
    }

    /// The Pages.
    pub fn pages(&self) -> &[Page] {
        &self.pages
    }

    /// The threads, in the order the persons came.
    pub fn threads(&self) -> &[Thread] {
        &self.threads
    }

    /// The thread of a person.
    pub fn thread(&self, person: &PersonId) -> Option<&Thread> {
        self.threads.iter().find(|thread| thread.person == *person)
    }

    fn scene_for(&mut self, call: &Call<'_>, recipient: &Recipient) -> Result<Scene<'_>, Refusal> {
        match &recipient.id {
            Some(person) => self.scene_with(call, person),
            None => Err(Refusal::parameter(
                "The parameter recipient[id] is required",
            )),
        }
    }

    fn scene_with(&mut self, call: &Call<'_>, person: &PersonId) -> Result<Scene<'_>, Refusal> {
        let page = self
            .pages
            .iter()
            .find(|page| page.id == *call.page)
            .ok_or_else(|| Refusal::path("post", call.page.as_str()))?;
        let thread = self
            .threads
            .iter_mut()
            .find(|thread| thread.person == *person && thread.page == *call.page)
            .ok_or_else(Refusal::no_matching_user)?;
        Ok(Scene::open(
            page,
            &self.apps,
            thread,
            &mut self.ids,
            call.now,
        ))
    }

    fn scene_of(&mut self, person: &PersonId, now: Timestamp) -> Result<Scene<'_>, ActError> {
        let gone = || ActError::NoSuchThread(person.clone());
        let thread = self
            .threads
            .iter_mut()
            .find(|thread| thread.person == *person)
            .ok_or_else(gone)?;
        let page = self
            .pages
            .iter()
            .find(|page| page.id == thread.page)
            .ok_or_else(gone)?;
        Ok(Scene::open(page, &self.apps, thread, &mut self.ids, now))
    }
}
