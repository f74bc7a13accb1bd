use std::fmt;
use std::sync::Arc;

use handover_protocol::PersonId;

use crate::platform::{ActionError, ChatMessage, PersonChange, Thread};
use crate::server::SharedState;

/// A person with the Page's chat open on their phone. Acts answer with the message's id.
///
/// ```
/// # use handover_sim::{Simulator, platform::ActionError};
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let sim = Simulator::builder().start().await?;
/// let ana = sim.person("Ana");
/// ana.taps_get_started().await?;
/// assert_eq!(ana.taps_get_started().await, Err(ActionError::AlreadyStarted));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Person {
    shared: Arc<SharedState>,
    id: PersonId,
    name: String,
}

impl Person {
    pub(crate) fn new(shared: Arc<SharedState>, id: PersonId, name: String) -> Self {
        Self { shared, id, name }
    }

    /// The id the Page knows them by (PSID).
    pub fn id(&self) -> &PersonId {
        &self.id
    }

    /// Their name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sets the language and country of their profile, such as `de_DE`. It is `en_US` unless set.
    pub fn set_locale(&self, locale: &str) -> Result<(), ActionError> {
        self.change(&PersonChange {
            locale: Some(locale.to_owned()),
            ..PersonChange::default()
        })
    }

    /// Sets the time zone of their profile, in hours from UTC. It is 0 unless set.
    pub fn set_timezone(&self, hours: f64) -> Result<(), ActionError> {
        self.change(&PersonChange {
            timezone: Some(hours),
            ..PersonChange::default()
        })
    }

    fn change(&self, change: &PersonChange) -> Result<(), ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.change_person(&self.id, change, now)
        })
    }

    /// Writes a text.
    pub async fn says(&self, text: &str) -> Result<String, ActionError> {
        self.shared
            .act(&self.id, |platform, now| platform.say(&self.id, text, now))
    }

    /// Taps "Get Started", which only an empty thread offers.
    pub async fn taps_get_started(&self) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.get_started(&self.id, now)
        })
    }

    /// Taps the quick reply of this title below the newest message.
    pub async fn taps_quick_reply(&self, title: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.tap_quick_reply(&self.id, title, now)
        })
    }

    /// Taps the postback button of this title; of several, one of the newest message that has it.
    pub async fn taps_button(&self, title: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            let thread = platform.thread(&self.id);
            let (mid, index) = thread
                .ok_or_else(|| ActionError::NoSuchThread(self.id.clone()))
                .and_then(|thread| find_button(thread, title))?;
            platform.tap_button(&self.id, &mid, index, now)
        })
    }

    /// Writes a text in reply to a message.
    pub async fn replies_to(&self, mid: &str, text: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.reply(&self.id, mid, text, now)
        })
    }

    /// Writes a text in reply to a story of the Instagram account, by the story's address.
    pub async fn replies_to_story(&self, story: &str, text: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.reply_to_story(&self.id, story, text, now)
        })
    }

    /// Sends an attachment: `image`, `audio`, `video`, `file`, `sticker` …, by its address.
    pub async fn sends(&self, kind: &str, url: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.attach(&self.id, kind, url, now)
        })
    }

    /// Puts a reaction on a message: `love`, `smile`, `like` …
    pub async fn reacts(&self, mid: &str, reaction: &str) -> Result<(), ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.react(&self.id, mid, reaction, None, now)
        })
    }

    /// Takes the reaction off a message.
    pub async fn unreacts(&self, mid: &str) -> Result<(), ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.unreact(&self.id, mid, now)
        })
    }

    /// Changes one of their own texts.
    pub async fn edits(&self, mid: &str, text: &str) -> Result<(), ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.edit(&self.id, mid, text, now)
        })
    }

    /// Takes one of their own messages back.
    pub async fn unsends(&self, mid: &str) -> Result<(), ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.unsend(&self.id, mid, now)
        })
    }

    /// Opens an m.me or ig.me link with this `ref`.
    pub async fn opens_link(&self, link: &str) -> Result<(), ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.open_link(&self.id, link, now)
        })
    }

    /// Clicks an ad of the account.
    pub async fn clicks_ad(&self, ad: &str) -> Result<(), ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.click_ad(&self.id, ad, now)
        })
    }

    /// Comments on a post of the account. Answers with the comment's id, for a private reply.
    pub async fn comments(&self, text: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.comment(&self.id, text, now)
        })
    }

    /// Comments on a boosted post of the Instagram account: apps get the comment twice, the second
    /// time with the ad. Answers with the comment's id, for a private reply.
    pub async fn comments_on_ad(&self, text: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.comment_on_ad(&self.id, text, now)
        })
    }

    /// Posts on the Page. Answers with the post's id, for a private reply.
    pub async fn posts(&self, text: &str) -> Result<String, ActionError> {
        self.shared
            .act(&self.id, |platform, now| platform.post(&self.id, text, now))
    }

    /// Ticks the checkbox plugin on a web page of the business, which knows them as `user_ref`.
    pub async fn ticks_box(
        &self,
        user_ref: &str,
        reference: Option<&str>,
    ) -> Result<(), ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.tick_box(&self.id, user_ref, reference, now)
        })
    }

    /// Agrees to be notified, as the template in this message asks. Answers with the token for it.
    pub async fn agrees_to_notifications(&self, mid: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.agree_to_notifications(&self.id, mid, now)
        })
    }

    /// Logs in at the business, whose page sends them back with this code.
    pub async fn logs_in(&self, authorization_code: &str) -> Result<(), ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.finish_account_link(&self.id, authorization_code, now)
        })
    }

    /// Logs out again.
    pub async fn logs_out(&self) -> Result<(), ActionError> {
        self.shared
            .act(&self.id, |platform, now| platform.log_out(&self.id, now))
    }

    /// Looks at the chat: the apps learn that everything has been read. Answers whether anything
    /// was unread.
    pub async fn reads(&self) -> Result<bool, ActionError> {
        self.shared
            .act(&self.id, |platform, now| platform.read(&self.id, now))
    }

    /// What the chat shows, oldest first. Looking at it this way does not count as reading.
    pub fn messages(&self) -> Vec<ChatMessage> {
        self.shared.read(|platform, _| {
            let thread = platform.thread(&self.id);
            thread
                .map(|thread| thread.messages().cloned().collect())
                .unwrap_or_default()
        })
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.id)
    }
}

fn find_button(thread: &Thread, title: &str) -> Result<(String, usize), ActionError> {
    let mut offered = Vec::new();
    for message in thread.messages().rev() {
        for (index, button) in message.buttons().into_iter().enumerate() {
            if button.kind == "postback" {
                if button.title == title {
                    return Ok((message.mid.clone(), index));
                }
                offered.push(button.title);
            }
        }
    }
    Err(ActionError::NoSuchButton {
        title: title.to_owned(),
        offered,
    })
}
