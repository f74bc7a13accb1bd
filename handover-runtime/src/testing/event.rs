//! Events, as the platform would send them.
//!
//! By default they go from [`PERSON`] to [`PAGE`] on Messenger, and pass control between the bot ([`APP`])
//! and the Page Inbox:
//!
//! ```
//! use handover_protocol::{Channel, Object, Received};
//! use handover_runtime::testing::event;
//!
//! let overheard = event::message("hi").from("42").on_instagram().on_standby();
//! let received = Received::from(overheard);
//! assert_eq!(received.event.sender.unwrap().id.unwrap(), "42");
//! assert_eq!((received.object, received.channel), (Object::Instagram, Channel::Standby));
//! ```

use std::sync::Arc;

use handover_protocol::{
    AccountId, AppId, AppRoles, Attachment, AttachmentPayload, Channel, Event, EventBody, Message,
    Object, Party, PassThreadControl, PersonId, Postback, QuickReplyChoice, Received,
    RequestThreadControl, TakeThreadControl, Timestamp,
};
use serde_json::{Map, Value};

use super::{APP, PAGE, PERSON};
use crate::extract::{FailedHandoff, FailedSend};
use crate::internal_event::{InternalEvent, InternalEventBody, SignalEvent, ThreadEvent};
use crate::notice::{Notice, NoticeKind};
use crate::signal::SignalData;
use crate::thread::{ThreadKey, ThreadParty};

/// The person sends this text.
///
/// ```
/// use handover_runtime::testing::event;
///
/// let greeting = event::message("hi").from("42");
/// # let _ = greeting;
/// ```
pub fn message(text: impl Into<String>) -> Builder<Message> {
    let message = Message {
        text: Some(text.into()),
        ..some_message()
    };
    Builder::new(message, EventBody::Message)
}

/// The person taps a quick reply.
///
/// ```
/// use handover_runtime::testing::event;
///
/// let picked = event::quick_reply("Red", "PICK_RED");
/// # let _ = picked;
/// ```
pub fn quick_reply(title: impl Into<String>, payload: impl Into<String>) -> Builder<Message> {
    message(title).with(|message| {
        message.quick_reply = Some(QuickReplyChoice {
            payload: Some(payload.into()),
            ..QuickReplyChoice::default()
        });
    })
}

/// The person sends an attachment without a text: `image`, `audio`, `video`, `file` …
///
/// ```
/// use handover_runtime::testing::event;
///
/// let picture = event::attachment("image", "https://cdn.example/cat.jpg");
/// # let _ = picture;
/// ```
pub fn attachment(kind: impl Into<String>, url: impl Into<String>) -> Builder<Message> {
    let attachment = Attachment {
        kind: kind.into(),
        payload: Some(AttachmentPayload {
            url: Some(url.into()),
            ..AttachmentPayload::default()
        }),
        ..Attachment::default()
    };
    let message = Message {
        attachments: vec![attachment],
        ..some_message()
    };
    Builder::new(message, EventBody::Message)
}

/// The person taps a button with this payload. On standby the payload is missing, as on the platform.
///
/// ```
/// use handover_runtime::testing::event;
///
/// let started = event::postback("GET_STARTED");
/// # let _ = started;
/// ```
pub fn postback(payload: impl Into<String>) -> Builder<Postback> {
    let postback = Postback {
        mid: some_message().mid,
        title: Some("a button".to_owned()),
        payload: Some(payload.into()),
        ..Postback::default()
    };
    Builder::new(postback, EventBody::Postback)
}

/// The inbox passes the thread to the bot.
///
/// ```
/// use handover_runtime::testing::event;
///
/// let done = event::pass_thread_control().metadata("solved");
/// let from_billing = event::pass_thread_control().previous_owner(4711);
/// let nobody_had_it = event::pass_thread_control().with(|pass| pass.previous_owner_app_id = None);
/// # let _ = (done, from_billing, nobody_had_it);
/// ```
pub fn pass_thread_control() -> Builder<PassThreadControl> {
    let pass = PassThreadControl {
        previous_owner_app_id: Some(AppId::PAGE_INBOX),
        new_owner_app_id: Some(APP),
        ..PassThreadControl::default()
    };
    Builder::new(pass, EventBody::PassThreadControl)
}

/// The inbox takes the thread from the bot.
///
/// ```
/// use handover_runtime::testing::event;
///
/// let interrupted = event::take_thread_control();
/// let by_billing = event::take_thread_control().new_owner(4711);
/// # let _ = (interrupted, by_billing);
/// ```
pub fn take_thread_control() -> Builder<TakeThreadControl> {
    let take = TakeThreadControl {
        previous_owner_app_id: Some(APP),
        new_owner_app_id: Some(AppId::PAGE_INBOX),
        ..TakeThreadControl::default()
    };
    Builder::new(take, EventBody::TakeThreadControl)
}

/// The inbox requests the thread from the bot.
///
/// ```
/// use handover_runtime::testing::event;
///
/// let wish = event::request_thread_control().by_app(4711).metadata("please");
/// # let _ = wish;
/// ```
pub fn request_thread_control() -> Builder<RequestThreadControl> {
    let request = RequestThreadControl {
        requested_owner_app_id: Some(AppId::PAGE_INBOX),
        ..RequestThreadControl::default()
    };
    Builder::new(request, EventBody::RequestThreadControl)
}

/// The roles of the Page's apps changed. Has no person.
///
/// ```
/// use handover_runtime::testing::{APP, event};
///
/// let roles = event::app_roles().role(APP, "primary_receiver");
/// # let _ = roles;
/// ```
pub fn app_roles() -> Builder<AppRoles> {
    Builder {
        person: None,
        ..Builder::new(AppRoles::default(), EventBody::AppRoles)
    }
}

/// The account sends this text to the person, through the inbox.
///
/// ```
/// use handover_runtime::testing::event;
///
/// let agent = event::echo("Hi, this is Ana").on_standby();
/// let another_bot = event::echo("Your invoice").by_app(4711);
/// let in_metas_own_app = event::echo("Hi").with(|echo| echo.0.app_id = None);
/// # let _ = (agent, another_bot, in_metas_own_app);
/// ```
pub fn echo(text: impl Into<String>) -> Builder<Echo> {
    let echo = Echo(Message {
        text: Some(text.into()),
        is_echo: true,
        app_id: Some(AppId::PAGE_INBOX),
        ..some_message()
    });
    Builder::new(echo, |Echo(message)| EventBody::Echo(message))
}

/// Any other event, by its key on the wire and the value.
///
/// ```
/// use handover_runtime::testing::event;
/// use serde_json::json;
///
/// let liked = event::other("reaction", json!({ "reaction": "love", "action": "react", "mid": "m_1" }));
/// let unheard_of = event::other("game_play", json!({ "game_id": "4711" }));
/// # let _ = (liked, unheard_of);
/// ```
pub fn other(kind: impl Into<String>, content: Value) -> Builder<EventBody> {
    let mut item = Map::new();
    item.insert(kind.into(), content);
    Builder::new(Event::from(Value::Object(item)).body, |body| body)
}

/// The timer with this name runs out.
///
/// ```
/// use handover_runtime::testing::event;
///
/// let time_is_up = event::timer("reminder").from("42");
/// # let _ = time_is_up;
/// ```
pub fn timer(name: &str) -> Builder<BotEvent> {
    own(InternalEventBody::timer(name, false))
}

/// The platform refuses a handoff to the inbox, for this reason.
///
/// ```
/// use handover_runtime::testing::event;
///
/// let refused = event::handoff_failed("the inbox is closed");
/// # let _ = refused;
/// ```
pub fn handoff_failed(reason: impl Into<String>) -> Builder<BotEvent> {
    let failed = FailedHandoff {
        reason: reason.into(),
        target: Some(AppId::PAGE_INBOX),
        is_reclaim: false,
    };
    own(InternalEventBody::HandoffFailed {
        failed,
        after_failed_send: false,
    })
}

/// The thread was handed over, not answered in time, or returned.
///
/// ```
/// use handover_runtime::NoticeKind;
/// use handover_runtime::testing::event;
///
/// let unclaimed = event::handoff(NoticeKind::Unclaimed);
/// # let _ = unclaimed;
/// ```
pub fn handoff(kind: NoticeKind) -> Builder<BotEvent> {
    let thread = ThreadKey::new(String::new(), String::new());
    own(InternalEventBody::Handoff(Box::new(Notice::new(
        kind, thread,
    ))))
}

/// A message could not be sent, for this reason.
///
/// ```
/// use handover_runtime::testing::event;
///
/// let refused = event::send_failed("Hello!", "the person cannot be reached");
/// # let _ = refused;
/// ```
pub fn send_failed(
    message: impl Into<crate::Message>,
    reason: impl Into<String>,
) -> Builder<BotEvent> {
    let failed = FailedSend::new(message.into(), reason);
    own(InternalEventBody::SendFailed(Box::new(failed)))
}

/// This signal was sent into the thread.
///
/// ```
/// use handover_runtime::SignalData;
/// use handover_runtime::testing::event;
///
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Shipped { order: u64 }
///
/// impl SignalData for Shipped {
///     const NAME: &str = "shipped";
/// }
///
/// let shipped = event::signal(&Shipped { order: 42 }).from("1254477777772919");
/// # let _ = shipped;
/// ```
///
/// # Panics
///
/// If it cannot be written as JSON.
#[track_caller]
pub fn signal<T: SignalData>(signal: &T) -> Builder<BotEvent> {
    #[expect(clippy::expect_used, reason = "a test wants to know")]
    let content = serde_json::to_value(signal).expect("the signal is written as JSON");
    own(InternalEventBody::Signal(Box::new(SignalEvent {
        name: T::NAME.to_owned(),
        content,
        ..SignalEvent::default()
    })))
}

/// The person deleted the message with this id.
///
/// ```
/// use handover_runtime::testing::event;
///
/// let deleted = event::message_deleted("m_1").from("42");
/// # let _ = deleted;
/// ```
pub fn message_deleted(mid: impl Into<String>) -> Builder<EventBody> {
    let message = Message {
        mid: Some(mid.into()),
        is_deleted: true,
        ..Message::default()
    };
    Builder::new(EventBody::Message(message), |body| body)
}

fn own(body: InternalEventBody) -> Builder<BotEvent> {
    Builder::wrapping(BotEvent(body), Wrap::Own(|BotEvent(body)| body))
}

/// An internal event of the bot: a timer that ran out, a signal, a handoff or a message that failed.
#[derive(Clone, Debug, PartialEq)]
pub struct BotEvent(InternalEventBody);

/// Argument of a [`Dispatcher`](super::Dispatcher): an event of the platform, or an internal event of the
/// bot.
///
/// ```
/// use handover_protocol::Received;
/// use handover_runtime::testing::event::{self, AnyEvent};
///
/// let events: [AnyEvent; 2] = [event::message("hi").into(), event::timer("reminder").into()];
/// # let _ = events;
/// ```
#[derive(Clone, Debug)]
pub struct AnyEvent {
    pub(super) thread: ThreadKey,
    pub(super) event: ThreadEvent,
}

impl From<Received> for AnyEvent {
    fn from(received: Received) -> Self {
        Self {
            thread: ThreadKey::of(&received),
            event: received.into(),
        }
    }
}

impl<B> From<Builder<B>> for AnyEvent {
    fn from(builder: Builder<B>) -> Self {
        match builder.wrap {
            Wrap::Platform(_) => Received::from(builder).into(),
            Wrap::Own(wrap) => Self {
                thread: match builder.person {
                    Some(person) => ThreadKey::new(builder.page, person),
                    None => ThreadKey::new(builder.page, ThreadParty::Account),
                },
                event: ThreadEvent::Own(InternalEvent::new(builder.object, wrap(builder.body))),
            },
        }
    }
}

/// Content of an echo: the message, sent by the account.
#[derive(Clone, Debug, PartialEq)]
pub struct Echo(pub Message);

/// Builder of an event. Converts into a [`Received`].
///
/// ```
/// use handover_protocol::Received;
/// use handover_runtime::testing::event;
///
/// let received: Received = event::message("hi").page("104508901353867").into();
/// assert_eq!(received.account, "104508901353867");
/// ```
#[derive(Clone, Debug)]
#[must_use = "an event does nothing until it is dispatched"]
pub struct Builder<B> {
    body: B,
    wrap: Wrap<B>,
    person: Option<PersonId>,
    page: AccountId,
    object: Object,
    channel: Channel,
}

#[derive(Clone, Copy, Debug)]
enum Wrap<B> {
    Platform(fn(B) -> EventBody),
    Own(fn(B) -> InternalEventBody),
}

impl<B> Builder<B> {
    fn new(body: B, wrap: fn(B) -> EventBody) -> Self {
        Self::wrapping(body, Wrap::Platform(wrap))
    }

    fn wrapping(body: B, wrap: Wrap<B>) -> Self {
        Self {
            body,
            wrap,
            person: Some(PERSON),
            page: PAGE,
            object: Object::Page,
            channel: Channel::Messaging,
        }
    }

    /// Sets the person.
    pub fn from(mut self, person: impl Into<PersonId>) -> Self {
        self.person = Some(person.into());
        self
    }

    /// Sets the Page, or the Instagram professional account.
    pub fn page(mut self, id: impl Into<AccountId>) -> Self {
        self.page = id.into();
        self
    }

    /// Another app owns the thread: the event arrives on standby.
    pub fn on_standby(mut self) -> Self {
        self.channel = Channel::Standby;
        self
    }

    /// Moves the event to Instagram, where the inbox is the Instagram Inbox.
    pub fn on_instagram(mut self) -> Self {
        self.object = Object::Instagram;
        self
    }

    /// Changes other fields of the event.
    ///
    /// ```
    /// use handover_runtime::testing::event;
    ///
    /// let deleted = event::message("").with(|message| {
    ///     message.text = None;
    ///     message.is_deleted = true;
    /// });
    /// # let _ = deleted;
    /// ```
    pub fn with(mut self, change: impl FnOnce(&mut B)) -> Self {
        change(&mut self.body);
        self
    }
}

/// Setters for the apps and the metadata of a kind of event.
macro_rules! setters {
    ($($body:ident { $($(#[$doc:meta])* $setter:ident: $value:ty => $($field:tt).+;)* })*) => {$(
        impl Builder<$body> {$(
            $(#[$doc])*
            pub fn $setter(self, value: impl Into<$value>) -> Self {
                self.with(|body| body.$($field).+ = Some(value.into()))
            }
        )*}
    )*};
}

setters! {
    PassThreadControl {
        /// Sets the app that passes the thread.
        previous_owner: AppId => previous_owner_app_id;
        /// Sets the new owner.
        new_owner: AppId => new_owner_app_id;
        /// Sets the metadata from the app that passes it.
        metadata: String => metadata;
    }
    TakeThreadControl {
        /// Sets the app that loses the thread.
        previous_owner: AppId => previous_owner_app_id;
        /// Sets the app that takes it.
        new_owner: AppId => new_owner_app_id;
        /// Sets the metadata from the app that takes it.
        metadata: String => metadata;
    }
    RequestThreadControl {
        /// Sets the app that requests the thread.
        by_app: AppId => requested_owner_app_id;
        /// Sets its metadata.
        metadata: String => metadata;
    }
    Echo {
        /// Sets the app that sent the message.
        by_app: AppId => 0.app_id;
        /// Sets its metadata.
        metadata: String => 0.metadata;
    }
}

impl Builder<AppRoles> {
    /// Assigns a role to an app: `primary_receiver` or `secondary_receiver`.
    pub fn role(self, app: impl Into<AppId>, role: impl Into<String>) -> Self {
        self.with(|app_roles| {
            let roles = app_roles.roles.entry(app.into()).or_default();
            roles.push(role.into());
        })
    }
}

impl<B> From<Builder<B>> for Received {
    fn from(builder: Builder<B>) -> Self {
        let wrap = match builder.wrap {
            Wrap::Platform(wrap) => wrap,
            Wrap::Own(_) => {
                let AnyEvent { thread, event } = builder.into();
                return Arc::unwrap_or_clone(event.received(&thread));
            }
        };
        let mut body = wrap(builder.body);
        if builder.object == Object::Instagram {
            move_to_instagram(&mut body);
        }
        if let (Channel::Standby, EventBody::Postback(postback)) = (&builder.channel, &mut body) {
            postback.payload = None;
        }
        let account = Some(Party::id(builder.page.as_str()));
        let person = builder.person.map(|id| Party::id(id.as_str()));
        let (sender, recipient) = match body {
            EventBody::Echo(_) => (account, person),
            _ => (person, account),
        };
        Self {
            object: builder.object,
            account: builder.page,
            channel: builder.channel,
            time: Some(NOON),
            extra: Map::new(),
            event: Event {
                sender,
                recipient,
                timestamp: Some(NOON),
                body,
                extra: Map::new(),
            },
        }
    }
}

/// The Page Inbox does not exist on Instagram.
fn move_to_instagram(body: &mut EventBody) {
    let apps = match body {
        EventBody::PassThreadControl(pass) => {
            [&mut pass.previous_owner_app_id, &mut pass.new_owner_app_id]
        }
        EventBody::TakeThreadControl(take) => {
            [&mut take.previous_owner_app_id, &mut take.new_owner_app_id]
        }
        EventBody::RequestThreadControl(request) => {
            [&mut request.requested_owner_app_id, &mut None]
        }
        EventBody::Echo(echo) => [&mut echo.app_id, &mut None],
        _ => return,
    };
    for app in apps {
        if *app == Some(AppId::PAGE_INBOX) {
            *app = Some(AppId::INSTAGRAM_INBOX);
        }
    }
}

/// A fixed time, the same in every run: 2026-01-01, 12:00 UTC.
const NOON: Timestamp = Timestamp::from_secs(1_767_268_800);

fn some_message() -> Message {
    Message {
        mid: Some("m_test".to_owned()),
        ..Message::default()
    }
}
