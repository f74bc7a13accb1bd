use std::fmt::{self, Write as _};
use std::panic::Location;
use std::sync::Arc;

use handover_sim::platform::{ActionError, ChatMessage, MessageAuthor};

use super::failure::{done, fail};
use super::harness::Harness;

/// A person with the Page's chat open on their phone.
///
/// Actions happen at once. Expectations wait for a matching message of the Page among those that the
/// scenario has not checked yet.
///
/// # Panics
///
/// Every method panics if the action is impossible, or if what it expects does not happen.
#[derive(Clone)]
pub struct Person {
    harness: Arc<Harness>,
    pub(super) at_the_platform: handover_sim::Person,
}

impl Person {
    pub(super) fn new(harness: Arc<Harness>, at_the_platform: handover_sim::Person) -> Self {
        Self {
            harness,
            at_the_platform,
        }
    }

    /// Sets the language and country of the profile, such as `de_DE`. Default: `en_US`.
    ///
    /// ```
    /// # use handover::prelude::*;
    /// # use handover::testing::Scenario;
    /// # #[tokio::main]
    /// # async fn main() {
    /// let scenario = Scenario::with(Bot::new(Routes::default())).await;
    /// let ana = scenario.person("Ana").with_locale("de_DE").with_timezone(1.0);
    /// # }
    /// ```
    #[must_use]
    #[track_caller]
    pub fn with_locale(self, locale: &str) -> Self {
        let set = self.at_the_platform.set_locale(locale);
        done(Location::caller(), "the locale is set", set);
        self
    }

    /// Sets the time zone of the profile, in hours from UTC. Default: 0.
    #[must_use]
    #[track_caller]
    pub fn with_timezone(self, hours: f64) -> Self {
        let set = self.at_the_platform.set_timezone(hours);
        done(Location::caller(), "the time zone is set", set);
        self
    }

    /// Writes a text.
    #[track_caller]
    pub fn says(&self, text: &str) -> impl Future<Output = ()> {
        self.act(format!("says {text:?}"), self.at_the_platform.says(text))
    }

    /// Taps "Get Started", which exists in an empty chat only.
    #[track_caller]
    pub fn taps_get_started(&self) -> impl Future<Output = ()> {
        self.act(
            "taps \"Get Started\"",
            self.at_the_platform.taps_get_started(),
        )
    }

    /// Taps the quick reply with this title below the newest message.
    #[track_caller]
    pub fn taps_quick_reply(&self, title: &str) -> impl Future<Output = ()> {
        self.act(
            format!("taps the quick reply {title:?}"),
            self.at_the_platform.taps_quick_reply(title),
        )
    }

    /// Taps the button with this title; of several, the one of the newest message.
    #[track_caller]
    pub fn taps_button(&self, title: &str) -> impl Future<Output = ()> {
        self.act(
            format!("taps the button {title:?}"),
            self.at_the_platform.taps_button(title),
        )
    }

    /// Sends an attachment: `image`, `audio`, `video`, `file`, `sticker` …, by its address.
    #[track_caller]
    pub fn sends(&self, kind: &str, url: &str) -> impl Future<Output = ()> {
        self.act(
            format!("sends {kind} {url}"),
            self.at_the_platform.sends(kind, url),
        )
    }

    /// Replies with a text to the newest message that has the first text.
    #[track_caller]
    pub fn replies_to(&self, message: &str, text: &str) -> impl Future<Output = ()> {
        self.act(format!("replies {text:?} to {message:?}"), async move {
            let mid = self.mid_of(message)?;
            self.at_the_platform.replies_to(&mid, text).await
        })
    }

    /// Writes a text in reply to a story of the Instagram account, by the story's address.
    #[track_caller]
    pub fn replies_to_story(&self, story: &str, text: &str) -> impl Future<Output = ()> {
        self.act(
            format!("replies {text:?} to the story {story}"),
            self.at_the_platform.replies_to_story(story, text),
        )
    }

    /// Puts a reaction (`love`, `smile`, `like` …) on the newest message that has this text.
    #[track_caller]
    pub fn reacts(&self, message: &str, reaction: &str) -> impl Future<Output = ()> {
        self.act(format!("reacts {reaction:?} to {message:?}"), async move {
            let mid = self.mid_of(message)?;
            self.at_the_platform.reacts(&mid, reaction).await
        })
    }

    /// Takes the reaction off the newest message that has this text.
    #[track_caller]
    pub fn unreacts(&self, message: &str) -> impl Future<Output = ()> {
        self.act(format!("takes the reaction off {message:?}"), async move {
            let mid = self.mid_of(message)?;
            self.at_the_platform.unreacts(&mid).await
        })
    }

    /// Changes their newest message that has the first text into the second.
    #[track_caller]
    pub fn edits(&self, message: &str, text: &str) -> impl Future<Output = ()> {
        self.act(format!("edits {message:?}"), async move {
            let mid = self.mid_of(message)?;
            self.at_the_platform.edits(&mid, text).await
        })
    }

    /// Takes back their newest message that has this text.
    #[track_caller]
    pub fn unsends(&self, message: &str) -> impl Future<Output = ()> {
        self.act(format!("takes back {message:?}"), async move {
            let mid = self.mid_of(message)?;
            self.at_the_platform.unsends(&mid).await
        })
    }

    /// Opens an m.me or ig.me link with this `ref`.
    #[track_caller]
    pub fn opens_link(&self, link: &str) -> impl Future<Output = ()> {
        self.act(
            format!("opens the link {link:?}"),
            self.at_the_platform.opens_link(link),
        )
    }

    /// Clicks an ad of the account.
    #[track_caller]
    pub fn clicks_ad(&self, ad: &str) -> impl Future<Output = ()> {
        self.act(
            format!("clicks the ad {ad:?}"),
            self.at_the_platform.clicks_ad(ad),
        )
    }

    /// Comments on a post of the account.
    #[track_caller]
    pub fn comments(&self, text: &str) -> impl Future<Output = ()> {
        self.act(
            format!("comments {text:?}"),
            self.at_the_platform.comments(text),
        )
    }

    /// Comments on a boosted post of the Instagram account: apps get the comment twice, the second
    /// time with the ad.
    #[track_caller]
    pub fn comments_on_ad(&self, text: &str) -> impl Future<Output = ()> {
        self.act(
            format!("comments {text:?} on an ad"),
            self.at_the_platform.comments_on_ad(text),
        )
    }

    /// Posts on the Page.
    #[track_caller]
    pub fn posts(&self, text: &str) -> impl Future<Output = ()> {
        self.act(
            format!("posts {text:?} on the Page"),
            self.at_the_platform.posts(text),
        )
    }

    /// Ticks the checkbox plugin on a web page of the business, which knows them as `user_ref`.
    #[track_caller]
    pub fn ticks_box(&self, user_ref: &str, reference: Option<&str>) -> impl Future<Output = ()> {
        self.act(
            format!("ticks the box as {user_ref:?}"),
            self.at_the_platform.ticks_box(user_ref, reference),
        )
    }

    /// Agrees to be notified, as the newest template asks.
    #[track_caller]
    pub fn agrees_to_notifications(&self) -> impl Future<Output = ()> {
        self.act("agrees to notifications", async move {
            let messages = self.messages();
            let template = messages
                .iter()
                .rfind(|message| is_of_the_page(message) && message.attachment.is_some());
            let mid = template.map_or("", |message| &message.mid);
            self.at_the_platform.agrees_to_notifications(mid).await
        })
    }

    /// Logs in at the business, whose page sends them back with this code.
    #[track_caller]
    pub fn logs_in(&self, authorization_code: &str) -> impl Future<Output = ()> {
        self.act(
            format!("logs in with {authorization_code:?}"),
            self.at_the_platform.logs_in(authorization_code),
        )
    }

    /// Logs out at the business.
    #[track_caller]
    pub fn logs_out(&self) -> impl Future<Output = ()> {
        self.act("logs out", self.at_the_platform.logs_out())
    }

    /// Asks for deletion of their data in the platform's settings. The first bot with
    /// [`Config::data_deletion`](crate::Config::data_deletion) gets the request.
    #[track_caller]
    pub fn requests_data_deletion(&self) -> impl Future<Output = ()> {
        let request = self.at_the_platform.requests_data_deletion();
        self.act("asks for deletion of their data", async {
            request.await.map(drop)
        })
    }

    /// Looks at the chat: the apps learn that everything has been read.
    #[track_caller]
    pub fn reads(&self) -> impl Future<Output = ()> {
        self.act("reads", self.at_the_platform.reads())
    }

    /// Waits for a message of the Page with exactly this text: its own, or one of its template,
    /// buttons or quick replies. Messages before it are passed over.
    #[track_caller]
    pub fn sees(&self, text: &str) -> impl Future<Output = ()> {
        let at = Location::caller();
        let what = format!("{} sees {text:?}", self.name());
        async move {
            let has_text = |message: &ChatMessage| message.texts().iter().any(|one| one == text);
            self.sees_message(at, &what, has_text).await;
        }
    }

    /// Waits for a message of the Page that has this in one of its texts. Messages before it are
    /// passed over.
    #[track_caller]
    pub fn sees_in_a_text(&self, part: &str) -> impl Future<Output = ()> {
        let at = Location::caller();
        let what = format!("{} sees {part:?} in a text", self.name());
        async move {
            let has_part =
                |message: &ChatMessage| message.texts().iter().any(|text| text.contains(part));
            self.sees_message(at, &what, has_part).await;
        }
    }

    /// Waits for a message of the Page that is as this check wants it, and returns it.
    #[track_caller]
    pub fn sees_something(
        &self,
        what: &str,
        check: impl Fn(&ChatMessage) -> bool,
    ) -> impl Future<Output = ChatMessage> {
        let at = Location::caller();
        let what = format!("{} sees {what}", self.name());
        async move { self.sees_message(at, &what, check).await }
    }

    /// Waits until all pending work is done, then checks that the Page has sent no message that the scenario
    /// has not seen yet.
    #[track_caller]
    pub fn sees_nothing_more(&self) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            self.harness.settle(at).await;
            let seen = self.harness.seen(self.at_the_platform.id());
            let messages = self.at_the_platform.messages();
            if let Some(more) = messages
                .iter()
                .skip(seen)
                .find(|message| is_of_the_page(message))
            {
                let texts = more.texts();
                let what = texts
                    .first()
                    .map_or("something without words", String::as_str);
                let name = self.name();
                fail(
                    at,
                    format_args!("{name} sees one more: {what:?}\n\n{}", self.chat()),
                );
            }
        }
    }

    /// Returns everything that the chat shows, oldest first.
    pub fn messages(&self) -> Vec<ChatMessage> {
        self.at_the_platform.messages()
    }

    /// Their name.
    pub fn name(&self) -> &str {
        self.at_the_platform.name()
    }

    /// The person as the simulator knows them.
    pub fn at_the_platform(&self) -> &handover_sim::Person {
        &self.at_the_platform
    }

    #[track_caller]
    fn act<T>(
        &self,
        what: impl fmt::Display,
        acting: impl Future<Output = Result<T, ActionError>>,
    ) -> impl Future<Output = ()> {
        let at = Location::caller();
        async move {
            let acted = acting.await;
            done(at, &format!("{} {what}", self.name()), acted);
        }
    }

    /// The newest message with this text, from the person or the account.
    pub(super) fn mid_of(&self, text: &str) -> Result<String, ActionError> {
        let messages = self.messages();
        let newest = messages
            .into_iter()
            .rfind(|message| message.texts().iter().any(|one| one == text));
        newest
            .map(|message| message.mid)
            .ok_or_else(|| ActionError::NoSuchMessage(format!("{text:?}")))
    }

    async fn sees_message(
        &self,
        at: &Location<'_>,
        what: &str,
        check: impl Fn(&ChatMessage) -> bool,
    ) -> ChatMessage {
        let person = self.at_the_platform.id();
        let seen = self.harness.seen(person);
        let mut found = None;
        let look = || {
            let messages = self
                .at_the_platform
                .messages()
                .into_iter()
                .enumerate()
                .skip(seen);
            found = messages
                .filter(|(_, message)| is_of_the_page(message))
                .find(|(_, message)| check(message));
            found.is_some()
        };
        self.harness.wait(at, self, what, look).await;
        let Some((index, message)) = found else {
            fail(at, what);
        };
        self.harness.has_seen(person, index + 1);
        message
    }

    /// The chat, as a failed scenario prints it.
    pub(super) fn chat(&self) -> String {
        let mut chat = format!("The chat with {}:", self.name());
        for message in self.messages() {
            let who = match &message.author {
                MessageAuthor::Person => self.name(),
                MessageAuthor::App(app) => app.as_str(),
            };
            let texts = message.texts();
            let text = texts.first().map_or("(no text)", String::as_str);
            // Writing into a string cannot fail.
            let _ = write!(chat, "\n    {who}: {text}");
        }
        chat
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.at_the_platform.fmt(f)
    }
}

fn is_of_the_page(message: &ChatMessage) -> bool {
    message.author != MessageAuthor::Person
}
