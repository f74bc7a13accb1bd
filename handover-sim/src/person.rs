use std::fmt;
use std::sync::Arc;

use handover_protocol::{AccountId, PersonId};

use crate::platform::{ActionError, ChatMessage, PersonChange, Thread};
use crate::server::{DeletionReceipt, SharedState};

/// Person who chats with an account. Methods that send a message return its id.
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

    /// Page-scoped id (PSID) of the person.
    pub fn id(&self) -> &PersonId {
        &self.id
    }

    /// Account that the person writes to.
    pub fn account(&self) -> AccountId {
        self.shared.read(|platform, _| {
            let thread = platform.thread(&self.id);
            thread.map_or_else(
                || AccountId::from_static(""),
                |thread| thread.account.clone(),
            )
        })
    }

    /// Name of the person.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Sets the locale of the profile, such as `de_DE`. Default: `en_US`.
    pub fn set_locale(&self, locale: &str) -> Result<(), ActionError> {
        self.change(&PersonChange {
            locale: Some(locale.to_owned()),
            ..PersonChange::default()
        })
    }

    /// Sets the time zone of the profile, in hours from UTC. Default: 0.
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

    /// Sends a text.
    pub async fn says(&self, text: &str) -> Result<String, ActionError> {
        self.shared
            .act(&self.id, |platform, now| platform.say(&self.id, text, now))
    }

    /// Taps "Get Started". Fails unless the thread is empty.
    pub async fn taps_get_started(&self) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.get_started(&self.id, now)
        })
    }

    /// Taps a quick reply of the newest message by its title.
    pub async fn taps_quick_reply(&self, title: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.tap_quick_reply(&self.id, title, now)
        })
    }

    /// Taps a postback button by its title. The newest message with such a button counts.
    pub async fn taps_button(&self, title: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            let thread = platform.thread(&self.id);
            let (mid, index) = thread
                .ok_or_else(|| ActionError::NoSuchThread(self.id.clone()))
                .and_then(|thread| find_button(thread, title))?;
            platform.tap_button(&self.id, &mid, index, now)
        })
    }

    /// Sends a text as a reply to a message.
    pub async fn replies_to(&self, mid: &str, text: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.reply(&self.id, mid, text, now)
        })
    }

    /// Sends a text as a reply to a story of the Instagram account, given by URL.
    pub async fn replies_to_story(&self, story: &str, text: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.reply_to_story(&self.id, story, text, now)
        })
    }

    /// Sends an attachment by URL. Kinds: `image`, `audio`, `video`, `file`, `sticker` and others.
    pub async fn sends(&self, kind: &str, url: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.attach(&self.id, kind, url, now)
        })
    }

    /// Reacts to a message: `love`, `smile`, `like` and others.
    pub async fn reacts(&self, mid: &str, reaction: &str) -> Result<(), ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.react(&self.id, mid, reaction, None, now)
        })
    }

    /// Removes the reaction from a message.
    pub async fn unreacts(&self, mid: &str) -> Result<(), ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.unreact(&self.id, mid, now)
        })
    }

    /// Edits a text that the person sent.
    pub async fn edits(&self, mid: &str, text: &str) -> Result<(), ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.edit(&self.id, mid, text, now)
        })
    }

    /// Unsends a message that the person sent.
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

    /// Comments on a post of the account. Returns the comment id, to which apps can send a private
    /// reply.
    pub async fn comments(&self, text: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.comment(&self.id, text, now)
        })
    }

    /// Comments on a boosted post of the Instagram account. Apps get the comment twice, the second
    /// time with the ad. Returns the comment id, to which apps can send a private reply.
    pub async fn comments_on_ad(&self, text: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.comment_on_ad(&self.id, text, now)
        })
    }

    /// Posts on the Page. Returns the post id, to which apps can send a private reply.
    pub async fn posts(&self, text: &str) -> Result<String, ActionError> {
        self.shared
            .act(&self.id, |platform, now| platform.post(&self.id, text, now))
    }

    /// Ticks the checkbox plugin on a website of the business, which identifies the person by
    /// `user_ref`.
    pub async fn ticks_box(
        &self,
        user_ref: &str,
        reference: Option<&str>,
    ) -> Result<(), ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.tick_box(&self.id, user_ref, reference, now)
        })
    }

    /// Accepts the opt-in template in a message. Returns the notification token.
    pub async fn agrees_to_notifications(&self, mid: &str) -> Result<String, ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.agree_to_notifications(&self.id, mid, now)
        })
    }

    /// Logs in at the business, whose login page redirects the person with this authorization code.
    pub async fn logs_in(&self, authorization_code: &str) -> Result<(), ActionError> {
        self.shared.act(&self.id, |platform, now| {
            platform.finish_account_link(&self.id, authorization_code, now)
        })
    }

    /// Logs out at the business.
    pub async fn logs_out(&self) -> Result<(), ActionError> {
        self.shared
            .act(&self.id, |platform, now| platform.log_out(&self.id, now))
    }

    /// Returns the id under which apps know the person, the same for all Pages. `None` on Instagram.
    pub fn app_scoped_id(&self) -> Option<String> {
        self.shared
            .read(|platform, _| platform.app_scoped_id(&self.id))
    }

    /// Asks for deletion of their data, at the first app that has a callback for that. Returns what the
    /// app answers.
    pub async fn requests_data_deletion(&self) -> Result<DeletionReceipt, ActionError> {
        self.shared.request_data_deletion(&self.id, None).await
    }

    /// Reads all messages, which apps get as a webhook. Returns whether any message was unread.
    pub async fn reads(&self) -> Result<bool, ActionError> {
        self.shared
            .act(&self.id, |platform, now| platform.read(&self.id, now))
    }

    /// Returns the messages of the chat, oldest first. Does not mark them as read.
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
    for message in thread.visible_messages().rev() {
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
