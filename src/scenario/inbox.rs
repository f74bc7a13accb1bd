use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use handover_sim::platform::{ChatMessage, Folder, Origin};

use super::failure::done;
use super::harness::Harness;
use super::person::Person;

/// The Page Inbox, in which agents answer for the Page.
///
/// # Panics
///
/// Every method panics if the action is impossible, or if what it expects does not happen.
#[derive(Clone)]
pub struct Inbox {
    harness: Arc<Harness>,
}

impl Inbox {
    pub(super) fn new(harness: Arc<Harness>) -> Self {
        Self { harness }
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
            self.harness.wait(at, person, &what, is_there).await;
        }
    }

    /// Waits until the person's conversation shows this text, from the person or the account.
    #[track_caller]
    pub fn sees_text(&self, person: &Person, text: &str) -> impl Future<Output = ()> {
        let at = Location::caller();
        let what = format!("the Page Inbox sees {text:?} of {}", person.name());
        async move {
            let is_there = || {
                let messages = person.messages();
                let mut texts = messages.iter().flat_map(ChatMessage::texts);
                texts.any(|one| one == text)
            };
            self.harness.wait(at, person, &what, is_there).await;
        }
    }

    /// Comments in public as the Page. Apps get the same webhook as for other comments.
    #[track_caller]
    pub fn comments(&self, person: &Person, text: &str) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let inbox = self.at_the_platform();
            let commented = inbox.comment(&person.at_the_platform, text, None).await;
            done(at, &format!("the Page comments {text:?}"), commented);
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

    /// Answers beside the owner, without taking control: apps get the echo only, from which a bot learns
    /// that a human answers.
    ///
    /// Within five seconds of the message that begins a conversation, the first such echo counts as the
    /// inbox's instant reply. Let [time pass](super::Scenario::pass_time) first.
    ///
    /// ```
    /// use handover::prelude::*;
    /// use handover::testing::{DurationExt, Scenario};
    ///
    /// #[fallback]
    /// async fn help() -> &'static str {
    ///     "I am the bot."
    /// }
    ///
    /// # #[tokio::main]
    /// # async fn main() {
    /// let scenario = Scenario::builder()
    ///     .platform(|platform| platform.zero_config())
    ///     .bot("bot", Bot::new(routes![help]))
    ///     .start()
    ///     .await;
    /// let ana = scenario.person("Ana");
    /// ana.says("hello").await;
    /// ana.sees("I am the bot.").await;
    /// scenario.pass_time(1.minutes()).await;
    ///
    /// scenario.inbox().says(&ana, "Hi Ana, Ben here.").await;
    /// ana.sees("Hi Ana, Ben here.").await;
    /// scenario.settles().await;
    /// ana.says("hello Ben").await;
    /// ana.sees_nothing_more().await;
    /// # }
    /// ```
    #[track_caller]
    pub fn says(&self, person: &Person, text: &str) -> impl Future<Output = ()> {
        self.says_as(person, text, Origin::Inbox)
    }

    /// Answers beside the owner from another origin: a human in the Messenger or Instagram app, an automatic reply of the
    /// inbox, or Meta's AI.
    #[track_caller]
    pub fn says_as(&self, person: &Person, text: &str, origin: Origin) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let said = self
                .at_the_platform()
                .say_as(&person.at_the_platform, text, origin)
                .await;
            done(at, &format!("{origin:?} says {text:?}"), said);
        }
    }

    /// Deletes the newest message of the account that has this text.
    #[track_caller]
    pub fn deletes(&self, person: &Person, text: &str) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let what = format!("the Page Inbox deletes {text:?}");
            let mid = done(at, &what, person.mid_of(text));
            let inbox = self.at_the_platform();
            let deleted = inbox.delete(&person.at_the_platform, &mid).await;
            done(at, &what, deleted);
        }
    }

    /// Deletes a message of the account from before the scenario, which no bot has seen.
    #[track_caller]
    pub fn deletes_an_old_message(&self, person: &Person) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let inbox = self.at_the_platform();
            let deleted = inbox.delete_old(&person.at_the_platform).await;
            done(at, "the Page Inbox deletes an old message", deleted);
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

    /// Requests control from the owner, who decides.
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
        self.harness.simulator().inbox()
    }
}

impl fmt::Debug for Inbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Inbox")
    }
}
