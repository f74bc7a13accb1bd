//! The attributes, each with its keys, its event and an example.
//!
//! Keys of every `#[on_*]` attribute, besides its own:
//!
//! | key | takes the event if |
//! |---|---|
//! | `object = "page"` or `"instagram"` | it is of this product |
//! | `page = "…"` or `[…]` | it is of this Page or Instagram account |
//! | `when = path` | the function at this path returns `true` |
//! | `crate = path` | always; this is where `handover` is, if it goes by another name |
//!
//! `when` names a plain `fn` that returns `bool`. It takes [`&Context`](crate::extract::Context), or up to
//! six [extractors](crate::extract), all by value or all by reference: those of the event, a
//! [`Session`](crate::extract::Session), your own, but no [`State`](crate::extract::State). If an extractor
//! rejects the event, the result is `false`. The function runs after all other keys match, once for each
//! event (again if the session changes before the event is handled), and its changes are not stored.
//!
//! ```
//! use handover::prelude::*;
//!
//! #[derive(Default, serde::Serialize, serde::Deserialize)]
//! struct Form { asked_for_name: bool }
//!
//! fn asked_for_name(form: &Session<Form>) -> bool {
//!     form.asked_for_name
//! }
//!
//! #[on_message(when = asked_for_name)]
//! async fn name(name: Text, mut form: Session<Form>) -> String {
//!     form.asked_for_name = false;
//!     format!("Hello, {name}!")
//! }
//! # let bot = Bot::new(routes![name]);
//! ```
//!
//! A function may have several attributes: it handles the events of each, in the order written, and
//! `#[handoff]` applies to all of them. Every one of these events has to offer each argument.
//!
//! ```
//! use handover::prelude::*;
//!
//! #[on_message(text = "menu")]
//! #[on_message(quick_reply = "MENU")]
//! #[on_postback(payload = "MENU")]
//! async fn menu() -> &'static str {
//!     "Today: soup."
//! }
//! # let bot = Bot::new(routes![menu]);
//! ```

/// A message from the person to the bot.
///
/// The platform sends it when a person writes, taps a quick reply or sends an attachment, to the app
/// that owns the thread (webhook field `messages`).
///
/// | key | takes the message if |
/// |---|---|
/// | `text = "…"` or `["…", "…"]` | its text is one of these; case and surrounding space do not matter |
/// | `words = "…"` or `["…", "…"]` | its text contains one of these as a whole word, whatever the case |
/// | `regex = "…"` | this is found in its text; [`Captures`](crate::extract::Captures) has the groups |
/// | `quick_reply = "…"` or `[…]` | it answers a quick reply with one of these payloads |
/// | `attachment = "…"` or `[…]` | it has an attachment of one of these types: `image`, `audio`, `video`, `file`, `location` … |
/// | `reply_to = "message"` or `"story"` | it answers one |
/// | `pace = "burst"` | takes every message; says what happens when a person writes several quickly: `"queue"`, `"burst"`, `"restart"`, `"latest"` or `"debounce(2s)"`, see [`Pace`](crate::Pace). By default what [`Bot::pace`](crate::Bot::pace) says |
/// | `typing = false` | takes every message; says whether the person sees that the bot is typing. By default what [`Bot::typing`](crate::Bot::typing) says |
///
/// Without keys it takes every message. A handler whose arguments a message cannot give, such as
/// [`Text`](crate::extract::Text) of a picture, is passed over.
///
/// A handler that takes long, such as one that asks a language model, can start over when the person
/// writes again meanwhile. One call then gets all of the messages, and the person one answer:
///
/// ```
/// use handover::prelude::*;
/// # async fn ask_model(question: &str) -> String { question.to_owned() }
///
/// #[on_message(pace = "restart", typing = true)]
/// async fn answer(text: Text) -> String {
///     // "Do you have the blue hat\nin my size?"
///     ask_model(&text).await
/// }
///
/// let bot = Bot::new(routes![answer]);
/// ```
///
/// ```
/// use handover::prelude::*;
///
/// #[on_message(text = ["hi", "hello"])]
/// async fn greet() -> &'static str {
///     "Hello!"
/// }
///
/// #[on_message(regex = r"order (?<number>\d+)")]
/// async fn order(captures: Captures) -> String {
///     format!("Looking for order {}.", captures.name("number").unwrap_or_default())
/// }
///
/// #[on_message(quick_reply = "PICK_RED")]
/// async fn red() -> &'static str {
///     "Red it is."
/// }
///
/// let bot = Bot::new(routes![greet, order, red]);
/// ```
///
/// `words` finds a word in any sentence, as [Unicode](https://www.unicode.org/reports/tr29/) delimits
/// words:
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> handover::Result {
/// use handover::prelude::*;
/// use handover::testing::{dispatch, event};
///
/// #[on_message(words = ["agent", "human", "help me"])]
/// #[handoff(to = "page_inbox")]
/// async fn to_agent() -> &'static str {
///     "One moment, please."
/// }
///
/// let answer = dispatch(routes![to_agent], event::message("I need a human please")).await?;
/// assert_eq!(answer.handler(), Some("to_agent"));
/// let answer = dispatch(routes![to_agent], event::message("Are you agents?")).await?;
/// assert_eq!(answer.handler(), None);
/// # Ok(())
/// # }
/// ```
///
/// - Case does not matter in any script: `"straße"` is found in "STRASSE". Neither does how an accent is
///   encoded, nor which apostrophe was typed. Accents do matter: "schon" is not `"schön"`.
/// - Several words in one string are a phrase: they follow each other, with white space between them.
/// - "don't" is one word, so `"don"` is not found in it; in "l'agent", `"agent"` is.
/// - Endings make another word: list "operator" and "operatora", or use `regex`.
/// - Chinese, Japanese and Thai are written without spaces, so there `"人工"` is found wherever its
///   characters follow each other.
///
/// The function stays what it was, so a unit test calls it:
///
/// ```
/// # use handover::prelude::*;
/// #[on_message]
/// async fn echo(text: Text) -> String {
///     format!("You said: {text}")
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// assert_eq!(echo(Text::new("hello")).await, "You said: hello");
/// # }
/// ```
pub use handover_macros::on_message;

/// A tap on a button, a menu item or Get Started.
///
/// Sent to the app that sent the button, even while another one owns the thread (webhook field
/// `messaging_postbacks`).
///
/// This handler runs only while the bot may answer. A tap while another app owns the thread, or while
/// the bot is [paused](crate::Bot::pause_on_human_reply), goes to
/// [`#[on_standby(kind = "postback", payload = "…")]`](macro@on_standby), which may take the thread.
///
/// | key | takes the postback if |
/// |---|---|
/// | `payload = "…"` or `["…", "…"]` | its payload is one of these, or fits one of these patterns |
/// | `ref = "…"` or `[…]` | it came with a referral of one of these references |
/// | `typing = true` | takes every postback; says whether the person sees that the bot is typing. By default what [`Bot::typing`](crate::Bot::typing) says |
///
/// In a pattern, `{name}` matches anything. [`Payload<T>`](crate::extract::Payload) reads what it
/// matched, or without a pattern the whole payload. A pattern that does not fill the type is a compile
/// error.
///
/// ```
/// use handover::prelude::*;
///
/// #[derive(FromPayload)]
/// struct Line {
///     article: String,
///     count: u32,
/// }
///
/// #[on_postback(payload = "CANCEL:{order}")]
/// async fn cancel(order: Payload<u64>) -> String {
///     format!("Order {} is cancelled.", *order)
/// }
///
/// #[on_postback(payload = "ADD:{article}:{count}")]
/// async fn add(line: Payload<Line>) -> String {
///     format!("{} × {}", line.count, line.article)
/// }
///
/// let bot = Bot::new(routes![cancel, add]);
/// ```
///
/// ```
/// use handover::prelude::*;
///
/// #[on_postback(payload = "GET_STARTED")]
/// async fn welcome() -> &'static str {
///     "Hi! What can I do for you?"
/// }
///
/// #[on_postback]
/// async fn amount(cents: Payload<u32>) -> String {
///     format!("That is {} cents.", *cents)
/// }
///
/// let bot = Bot::new(routes![welcome, amount]);
/// ```
pub use handover_macros::on_postback;

/// The thread was passed to the bot: from now on it may speak.
///
/// Sent to the new owner, for instance when an agent presses "Done" in the Page Inbox (webhook
/// field `messaging_handovers`).
///
/// | key | takes the event if |
/// |---|---|
/// | `from = app` | the thread comes from this app |
/// | `to = app` | the thread goes to this app |
///
/// An app is `"page_inbox"`, `"instagram_inbox"`, a number, or a type that implements
/// [`Target`](crate::Target).
///
/// ```
/// use handover::prelude::*;
///
/// #[on_pass_thread_control(from = "page_inbox")]
/// async fn back_again(note: Option<Metadata>) -> String {
///     match note {
///         Some(note) => format!("I am back. My colleague noted: {}", *note),
///         None => "I am back.".into(),
///     }
/// }
///
/// let bot = Bot::new(routes![back_again]);
/// ```
pub use handover_macros::on_pass_thread_control;

/// Another app took the thread from the bot: it can no longer send messages.
///
/// Sent to the previous owner, for instance when an agent answers in the Page Inbox (webhook field
/// `messaging_handovers`). The handler can record it, but not answer.
///
/// | key | takes the event if |
/// |---|---|
/// | `from = app` | the thread was taken from this app |
/// | `to = app`, `by = app` | this app took the thread |
///
/// ```
/// use handover::prelude::*;
///
/// #[on_take_thread_control(to = "page_inbox")]
/// async fn interrupted(sender: Sender, owner: NewOwner) {
///     println!("{} talks to {} now", *sender, *owner);
/// }
///
/// let bot = Bot::new(routes![interrupted]);
/// ```
pub use handover_macros::on_take_thread_control;

/// Another app asks the bot for the thread.
///
/// Sent to the owner (webhook field `messaging_handovers`). The owner may ignore the request; to grant it,
/// hand the thread over.
///
/// | key | takes the event if |
/// |---|---|
/// | `by = app`, `from = app` | this app asks |
///
/// ```
/// use handover::prelude::*;
///
/// #[on_request_thread_control]
/// #[handoff(to = "requester")]
/// async fn grant() -> &'static str {
///     "A colleague would like to talk to you."
/// }
///
/// let bot = Bot::new(routes![grant]);
/// ```
pub use handover_macros::on_request_thread_control;

/// The person came back into the conversation through a link or an advertisement.
///
/// Sent for threads that exist already (webhook field `messaging_referrals`); a new one brings the
/// referral with its first message or postback.
///
/// | key | takes the event if |
/// |---|---|
/// | `ref = "…"` or `[…]` | its reference is one of these |
///
/// ```
/// use handover::prelude::*;
/// use handover::protocol::Referral;
///
/// #[on_referral(ref = "spring")]
/// async fn spring() -> &'static str {
///     "Here is our spring menu."
/// }
///
/// #[on_referral]
/// async fn other(referral: Referral) -> Option<String> {
///     Some(format!("Welcome from {}!", referral.source?))
/// }
///
/// let bot = Bot::new(routes![spring, other]);
/// ```
pub use handover_macros::on_referral;

/// The person agreed to be written to, or stopped it.
///
/// Sent for the checkbox plugin and for notification requests (webhook field `messaging_optins`). Who
/// ticks a box on a website may have no id yet: the answer goes to their `user_ref`, and the session
/// is that visitor's; the [`Sender`](crate::prelude::Sender) is not known.
///
/// | key | takes the event if |
/// |---|---|
/// | `payload = "…"` or `[…]` | its payload is one of these, or fits one of these patterns |
/// | `ref = "…"` or `[…]` | its reference is one of these |
///
/// ```
/// use handover::prelude::*;
///
/// #[on_optin(payload = "NEWS:{topic}")]
/// async fn subscribed(topic: Payload) -> String {
///     format!("You will hear from us about {topic}.")
/// }
///
/// let bot = Bot::new(routes![subscribed]);
/// ```
pub use handover_macros::on_optin;

/// The person linked an account of yours, or unlinked it (webhook field
/// `messaging_account_linking`).
///
/// | key | takes the event if |
/// |---|---|
/// | `status = "linked"` or `"unlinked"` | that is what happened |
///
/// ```
/// use handover::prelude::*;
/// use handover::protocol::AccountLinking;
///
/// #[on_account_linking(status = "linked")]
/// async fn linked(linking: AccountLinking) -> Option<String> {
///     Some(format!("Welcome, {}.", linking.authorization_code?))
/// }
///
/// #[on_account_linking(status = "unlinked")]
/// async fn unlinked() -> &'static str {
///     "Goodbye."
/// }
///
/// let bot = Bot::new(routes![linked, unlinked]);
/// ```
pub use handover_macros::on_account_linking;

/// Another app of the account, or a human in the native app, said something.
///
/// Sent to every app that subscribes to `message_echoes`; the bot's own echoes never come here. On
/// the standby channel, echoes come to [`macro@on_standby`]. The handler can listen, but not speak.
///
/// | key | takes the echo if |
/// |---|---|
/// | `by = app` | this app said it |
///
/// ```
/// use handover::prelude::*;
///
/// #[on_echo(by = "page_inbox")]
/// async fn colleague(text: Text, sender: Sender) {
///     println!("a colleague to {}: {text}", *sender);
/// }
///
/// let bot = Bot::new(routes![colleague]);
/// ```
pub use handover_macros::on_echo;

/// The person reacted to a message, or took the reaction back (webhook field `message_reactions`).
///
/// | key | takes the reaction if |
/// |---|---|
/// | `reaction = "…"` or `[…]` | it is one of these: `smile`, `angry`, `sad`, `wow`, `love`, `like`, `dislike`, `other` |
/// | `action = "react"` or `"unreact"` | that is what happened |
///
/// ```
/// use handover::prelude::*;
///
/// #[on_reaction(reaction = "love")]
/// async fn loved() -> &'static str {
///     "Thank you!"
/// }
///
/// let bot = Bot::new(routes![loved]);
/// ```
pub use handover_macros::on_reaction;

/// The person has read messages (webhook field `message_reads`, on Instagram `messaging_seen`). Has only
/// the common keys.
///
/// ```
/// use handover::prelude::*;
/// use handover::protocol::Read;
///
/// #[on_read]
/// async fn seen(read: Read, sender: Sender) {
///     println!("{} has read up to {:?}", *sender, read.watermark);
/// }
///
/// let bot = Bot::new(routes![seen]);
/// ```
pub use handover_macros::on_read;

/// Messages were delivered to the person (webhook field `message_deliveries`). Has only the common keys.
///
/// ```
/// use handover::prelude::*;
/// use handover::protocol::Delivery;
///
/// #[on_delivery]
/// async fn arrived(delivery: Delivery) {
///     println!("{} messages have arrived", delivery.mids.len());
/// }
///
/// let bot = Bot::new(routes![arrived]);
/// ```
pub use handover_macros::on_delivery;

/// The person edited a message (webhook field `message_edits`). Has only the common keys.
///
/// ```
/// use handover::prelude::*;
/// use serde::Deserialize;
///
/// #[derive(Deserialize)]
/// struct Edit {
///     text: String,
/// }
///
/// #[on_message_edit]
/// async fn edited(edit: Content<Edit>) -> String {
///     format!("So you mean: {}", edit.text)
/// }
///
/// let bot = Bot::new(routes![edited]);
/// ```
pub use handover_macros::on_message_edit;

/// A message was deleted: the person's, or (as an echo) one of the account. Part of the webhook field
/// `messages`; mostly from Instagram. Has only the common keys.
///
/// The handler also runs for a message that the bot has never seen, and while another app owns the
/// thread, so it cannot answer. It gets the id of the message. The content is gone, also from the
/// history of a [`Handback`](crate::extract::Handback) and from the journal. Delete your own copies:
/// app review requires it.
///
/// ```
/// use handover::prelude::*;
///
/// #[on_message_deleted]
/// async fn forget(message: DeletedMessage) {
///     println!("delete what is kept of {}", message.mid);
/// }
///
/// let bot = Bot::new(routes![forget]);
/// ```
pub use handover_macros::on_message_deleted;

/// The person answered a feedback template (webhook field `messaging_feedback`). Has only the common keys.
///
/// ```
/// use handover::prelude::*;
///
/// #[on_feedback]
/// async fn rated(answers: Content) -> &'static str {
///     println!("{}", *answers);
///     "Thank you for your opinion."
/// }
///
/// let bot = Bot::new(routes![rated]);
/// ```
pub use handover_macros::on_feedback;

/// The platform warns, blocks or unblocks the account (webhook field
/// `messaging_policy_enforcement`).
///
/// It is about the account, not about one person, so the handler can only note it.
///
/// | key | takes the event if |
/// |---|---|
/// | `action = "…"` or `[…]` | it is one of these: `warning`, `block`, `unblock` |
///
/// ```
/// use handover::prelude::*;
///
/// #[on_policy_enforcement(action = ["warning", "block"])]
/// async fn trouble(notice: Content, event: Event) {
///     eprintln!("{}: {}", event.account, notice["reason"]);
/// }
///
/// let bot = Bot::new(routes![trouble]);
/// ```
pub use handover_macros::on_policy_enforcement;

/// The roles of the Page's apps changed (legacy handover protocol).
///
/// It is about the Page, not about one person, so the handler can only note it. Has only the common keys.
///
/// ```
/// use handover::prelude::*;
///
/// #[on_app_roles]
/// async fn roles(roles: AppRoles) {
///     for (app, roles) in &roles.0 {
///         println!("{app} is {}", roles.join(" and "));
///     }
/// }
///
/// let bot = Bot::new(routes![roles]);
/// ```
pub use handover_macros::on_app_roles;

/// Anything seen on the standby channel: what is said while another app owns the thread.
///
/// Sent to apps with access to that channel (webhook field `standby`): messages of the person,
/// echoes of what the owner says, postbacks without their payload. The handler can listen, but not
/// speak, unless it takes the thread: it may return [`Take`](crate::Take), [`Pause`](crate::Pause)
/// and [`Resume`](crate::Resume).
///
/// A button of this bot that is tapped while another app owns the thread comes here, too, and with
/// its payload: the platform sends it to the app that sent the button. `#[on_postback]` does not run
/// then. The same holds for what the person does during a [pause](crate::Bot::pause_on_human_reply).
///
/// | key | takes the event if |
/// |---|---|
/// | `kind = "…"` or `["…", "…"]` | its kind is one of these: `message`, `echo`, `postback`, `read`, `delivery` … |
/// | `payload = "…"` or `[…]` | its payload is one of these; `{name}` in it captures a part, for [`Payload`](crate::extract::Payload) |
///
/// ```
/// use handover::prelude::*;
///
/// #[on_standby(kind = ["message", "echo"])]
/// async fn overheard(thread: Thread, text: Text) {
///     println!("in {}: {text}", *thread);
/// }
///
/// let bot = Bot::new(routes![overheard]);
/// ```
///
/// A button that brings the bot back:
///
/// ```
/// use handover::prelude::*;
///
/// #[on_standby(kind = "postback", payload = "BOT:{topic}")]
/// async fn back_to_the_bot(topic: Payload<String>) -> Take {
///     Take::saying(format!("Here is what I know of {}.", *topic))
/// }
///
/// let bot = Bot::new(routes![back_to_the_bot]);
/// ```
pub use handover_macros::on_standby;

/// Any event by its name on the wire, including kinds that `handover` does not know.
///
/// | key | takes the event if |
/// |---|---|
/// | `name = "…"` or `["…", "…"]` | its name is one of these: `optin`, `referral`, `reaction`, `feed` … |
///
/// Without keys it takes every event that is not on standby, so list it last.
/// [`Event`](crate::extract::Event) has the whole event.
///
/// ```
/// use handover::prelude::*;
/// use handover::protocol::EventBody;
///
/// #[on_event(name = "optin")]
/// async fn opted_in(event: Event) -> Option<String> {
///     match &event.event.body {
///         EventBody::Optin(optin) => Some(format!("Welcome from {}!", optin.ref_.as_ref()?)),
///         _ => None,
///     }
/// }
///
/// #[on_event]
/// async fn anything_else(event: Event) {
///     println!("{} of {}", event.event.body.kind(), event.account);
/// }
///
/// let bot = Bot::new(routes![opted_in, anything_else]);
/// ```
pub use handover_macros::on_event;

/// A timer of the bot's own ran out.
///
/// A [`Timer`](crate::Timer) is set by returning it, or by the extractor
/// [`Timers`](crate::extract::Timers). The ones named `reclaim`, `unclaimed` and `idle` are set by
/// `#[handoff(reclaim_after = …, unclaimed_after = …, idle_after = …)]`: when one runs out, the bot
/// takes the thread back. This handler runs once the bot owns the thread, so it can answer;
/// [`Handback`](crate::extract::Handback) has what happened meanwhile.
///
/// If the bot may not take threads (error 27), it requests the thread from the owner, and the handler
/// runs when the thread comes back. If the platform refuses permanently, [`macro@on_handoff_failed`]
/// runs with the reason instead.
///
/// | key | takes the timer if |
/// |---|---|
/// | `name = "…"` or `[…]` | its name is one of these |
///
/// ```
/// use std::time::Duration;
/// use handover::prelude::*;
///
/// #[on_message(text = "later")]
/// async fn later() -> (&'static str, Timer) {
///     ("I will ask again in an hour.", Timer::after("reminder", Duration::from_secs(3600)))
/// }
///
/// #[on_timer(name = "reminder")]
/// async fn reminder() -> &'static str {
///     "Is it a better time now?"
/// }
///
/// let bot = Bot::new(routes![later, reminder]);
/// ```
pub use handover_macros::on_timer;

/// What becomes of a thread: it was handed over, nobody has answered it in time, or it has come back.
/// Use it to tell your own systems, such as a help desk; for a chat of your colleagues, a
/// [`Notifier`](crate::Notifier) is enough.
///
/// | key | takes the event if |
/// |---|---|
/// | `kind = "…"` or `["…", "…"]` | it is one of these: `handed_over`, `unclaimed`, `returned` |
///
/// [`Notice`](crate::Notice) says which of them it is, with the other app and the metadata of the
/// handoff. The event is stored in the same commit as what it reports, and handled in the thread's order. The
/// handler can neither speak nor hand off: another app may own the thread by then. To speak when it has come
/// back, use [`on_pass_thread_control`](macro@on_pass_thread_control), or
/// [`on_timer`](macro@on_timer) with the name of the timer that took it back.
///
/// ```
/// use handover::prelude::*;
///
/// #[on_handoff(kind = ["handed_over", "unclaimed"])]
/// async fn open_ticket(notice: Notice, history: History) -> Result<(), std::io::Error> {
///     // … post it to the help desk, under `notice.id`: a handler that fails is called again.
///     println!("{} {}: {} turns", notice.thread, notice.kind, history.len());
///     Ok(())
/// }
///
/// let bot = Bot::new(routes![open_ticket]).history(handover::HistoryLimits::default());
/// ```
pub use handover_macros::on_handoff;

/// The platform refused a handoff permanently: the bot still owns the thread. Has only the common keys.
///
/// It also runs when the bot cannot take a thread back, with
/// [`is_reclaim`](crate::extract::FailedHandoff::is_reclaim). Then the other app still owns the thread,
/// and nothing that the handler returns can be sent.
///
/// It does not run if the target owns the thread already, because an agent was quicker.
///
/// Without such a handler the bot sends the person
/// [`Bot::handoff_failed_text`](crate::Bot::handoff_failed_text).
///
/// ```
/// use handover::prelude::*;
///
/// #[on_handoff_failed]
/// async fn stay(failed: FailedHandoff) -> &'static str {
///     eprintln!("{}", failed.reason);
///     "All my colleagues are busy, so I stay with you."
/// }
///
/// let bot = Bot::new(routes![stay]);
/// ```
pub use handover_macros::on_handoff_failed;

/// A message could not be sent and is now a dead letter: the person cannot be reached, the window is
/// closed, another app owns the thread. Has only the common keys.
///
/// It runs once per outcome: if the platform refuses one of its messages permanently, the ones after it
/// are not sent, and end with the same cause. What this handler returns is sent as usual. It does not
/// run again if that fails too, nor for what follows from it, such as a timer.
///
/// ```
/// use handover::prelude::*;
///
/// #[on_send_failed]
/// async fn not_sent(failed: FailedSend) {
///     eprintln!("{:?} was not sent: {}", failed.message.text, failed.reason);
/// }
///
/// let bot = Bot::new(routes![not_sent]);
/// ```
pub use handover_macros::on_send_failed;

/// A signal was sent into the thread: an event of your own business, such as an order that was shipped.
/// Has only the common keys.
///
/// It comes from outside a handler, such as an HTTP endpoint
/// ([`ThreadHandle::signal`](crate::ThreadHandle::signal)), from another program, or from a handler of
/// the same thread ([`Outcome::then`](crate::Outcome::then)). It is handled in the order of the
/// thread's events, with session and all.
///
/// The type in [`Signal<T>`](crate::extract::Signal) says which signals the handler takes, so every
/// handler has that argument. `#[derive(Signal)]` names the type's signals. A signal that no handler
/// takes is kept as a dead letter, and `handover replay` handles it once there is one.
///
/// The handler also runs while another app has the thread, and may then write to the session; a message
/// needs [`hold_until_back`](crate::Message::hold_until_back), or it is refused.
///
/// ```
/// use handover::prelude::*;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Signal, Serialize, Deserialize)]
/// struct Shipped {
///     order: u64,
/// }
///
/// #[on_signal]
/// async fn shipped(signal: Signal<Shipped>) -> Message {
///     Message::text(format!("Order {} is on its way.", signal.order)).hold_until_back()
/// }
///
/// let bot = Bot::new(routes![shipped]);
/// ```
pub use handover_macros::on_signal;

/// A handler returned an error, panicked or took too long. Has only the common keys.
///
/// The failed handler's answer and its changes to the session are dropped, and what this handler
/// returns is sent instead. It runs at the first failure. The failed handler is called again, at most
/// [`Bot::retries`](crate::Bot::retries) times; then the event becomes a dead letter. If this handler
/// hands the thread off, the failed handler is not called again.
///
/// ```
/// use handover::prelude::*;
///
/// #[on_error]
/// #[handoff(to = "page_inbox")]
/// async fn sorry(failure: Failure) -> &'static str {
///     eprintln!("{failure}");
///     "Something went wrong on our side, so I am fetching a colleague."
/// }
///
/// let bot = Bot::new(routes![sorry]);
/// ```
pub use handover_macros::on_error;

/// A message or postback that no other route took. Wherever it is listed, it comes last. Besides the
/// common keys it has `pace` and `typing`, as in [`macro@on_message`].
///
/// ```
/// use handover::prelude::*;
///
/// /// No handler matched: a person is better than a wrong answer.
/// #[fallback]
/// #[handoff(to = "page_inbox")]
/// async fn lost() -> &'static str {
///     "I did not get that, so I am fetching a colleague."
/// }
///
/// let bot = Bot::new(routes![lost]);
/// ```
pub use handover_macros::fallback;

/// Hands the thread to another app after the answer of the handler.
///
/// Place it above or below any attribute whose event the bot may answer. What the handler returns is
/// sent first; then the thread is passed, and nothing more is sent until it comes back. A handler that
/// returns `Err` does not hand off.
///
/// | key | means |
/// |---|---|
/// | `to = app` | the new owner: `"page_inbox"` (on an Instagram thread the Instagram Inbox), `"instagram_inbox"`, `"default_app"`, `"requester"` (the app that asks, in `on_request_thread_control`), a number, or a type that implements [`Target`](crate::Target); by default to the inbox |
/// | `say = …` | message that is sent right before the thread is passed |
/// | `metadata = …` | metadata for the other app: a string as it is, any other `Serialize` value as JSON |
/// | `reclaim_after = "30m"` | take the thread back if it has not come back by then: a number and `s`, `m`, `h` or `d`, up to 7 days. See [`macro@on_timer`] |
/// | `unclaimed_after = "5m"` | take it back if by then no human has answered |
/// | `idle_after = "30m"` | take it back once the agent has written nothing for this long, counted from their last message, or from the pass if they never wrote |
/// | `when = path` | hand off only if `fn(&Answer) -> bool` at this path returns `true` for what the handler returned |
/// | `on = "error"` | hand off only if the handler returned `Err`: the answer to a failing handler. By default `"ok"` |
///
/// ```
/// use handover::prelude::*;
///
/// #[on_message(text = "agent")]
/// #[handoff(to = "page_inbox", metadata = "asked for a person")]
/// async fn to_agent() -> &'static str {
///     "One moment, a colleague is taking over."
/// }
///
/// let bot = Bot::new(routes![to_agent]);
/// ```
///
/// A person is the best answer to a handler that fails:
///
/// ```
/// use handover::prelude::*;
///
/// #[on_message(regex = r"(?<amount>\d+) euros")]
/// #[handoff(to = "page_inbox", on = "error", say = "That is too much for me.")]
/// async fn pay(captures: Captures) -> Result<String, std::num::ParseIntError> {
///     let amount: u8 = captures.name("amount").unwrap_or_default().parse()?;
///     Ok(format!("{amount} euros it is."))
/// }
///
/// let bot = Bot::new(routes![pay]);
/// ```
///
/// [`Handoff`](crate::Handoff) as the return type decides the metadata at run time:
///
/// ```
/// use handover::prelude::*;
/// use serde::Serialize;
///
/// #[derive(Serialize)]
/// struct Ticket {
///     last_message: String,
/// }
///
/// #[on_message(regex = "refund|complaint")]
/// #[handoff(to = "page_inbox")]
/// async fn delicate(text: Text) -> Handoff<Ticket> {
///     Handoff::saying("That is one for my colleagues.").metadata(Ticket { last_message: text.0 })
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let outcome = delicate(Text::new("a refund, please")).await;
/// assert_eq!(outcome.target(), handover::TargetApp::Inbox);
/// # }
/// ```
pub use handover_macros::handoff;

/// Lets handlers take the fields of a struct as [`State<T>`](crate::extract::State).
///
/// They ask by type, so no two fields can have the same one. Where `handover` goes by another name,
/// write `#[handover(crate = path)]` below it.
///
/// ```
/// use std::sync::Arc;
/// use handover::prelude::*;
///
/// struct Prices {
///     espresso: u32,
/// }
///
/// #[derive(BotState)]
/// struct Shop {
///     prices: Arc<Prices>,
/// }
///
/// #[on_message(text = "espresso")]
/// async fn price(prices: State<Arc<Prices>>) -> String {
///     format!("{} cents", prices.espresso)
/// }
///
/// let shop = Shop { prices: Arc::new(Prices { espresso: 250 }) };
/// let bot = Bot::with_state(shop, routes![price]);
/// ```
pub use handover_macros::BotState;

/// Fills a struct with what a payload pattern captured: each field from the capture of its name,
/// parsed by its [`FromStr`](std::str::FromStr). Where `handover` goes by another name, write
/// `#[handover(crate = path)]` below it.
///
/// ```
/// use handover::prelude::*;
///
/// #[derive(FromPayload)]
/// struct Seat {
///     row: u8,
///     letter: char,
/// }
///
/// #[on_postback(payload = "SEAT:{row}:{letter}")]
/// async fn seat(seat: Payload<Seat>) -> String {
///     format!("Row {}, seat {}", seat.row, seat.letter)
/// }
///
/// let bot = Bot::new(routes![seat]);
/// ```
pub use handover_macros::FromPayload;

/// Makes a type a signal: its name is that of the type in snake case, so `OrderShipped` is
/// `order_shipped`. The type has to implement `Serialize` and `Deserialize` as well.
///
/// Stored signals and other programs know it by that name. If you rename the type, keep the name:
///
/// ```
/// use handover::prelude::*;
/// use handover::SignalData;
/// use serde::{Deserialize, Serialize};
///
/// #[derive(Signal, Serialize, Deserialize)]
/// struct OrderShipped {
///     order: u64,
/// }
///
/// #[derive(Signal, Serialize, Deserialize)]
/// #[handover(name = "order_paid")]
/// struct Paid {
///     order: u64,
/// }
///
/// assert_eq!(OrderShipped::NAME, "order_shipped");
/// assert_eq!(Paid::NAME, "order_paid");
/// ```
///
/// Where `handover` goes by another name, write `#[handover(crate = path)]` below it.
pub use handover_macros::Signal;

/// Lists annotated handlers in order of precedence: the first one that takes an event handles it.
///
/// ```
/// use handover::prelude::*;
///
/// mod orders {
///     use handover::prelude::*;
///
///     #[on_message(text = "order")]
///     pub async fn start() -> &'static str {
///         "What would you like?"
///     }
///
///     pub fn routes() -> Routes {
///         routes![start]
///     }
/// }
///
/// #[on_message]
/// async fn echo(text: Text) -> String {
///     text.0
/// }
///
/// let bot = Bot::new(routes![orders::start, echo]);
/// let bot = Bot::new(orders::routes().routes(routes![echo]));
/// ```
///
/// A handler that can never run, because one before it takes every event that it would, is a compile
/// error.
///
/// A function without an attribute is no handler, and a bot takes no list without handlers; an empty
/// one for a test is `Routes::default()`.
///
/// ```compile_fail,E0277
/// # use handover::prelude::*;
/// async fn plain() {}
///
/// let bot = Bot::new(routes![plain]);
/// ```
#[macro_export]
macro_rules! routes {
    ($($handlers:tt)*) => {
        $crate::__private::routes!($crate; $($handlers)*)
    };
}
