//! The rules against the simulator of the platform, in each of its routing modes: what the bot holds
//! for certain is so, and a bot that may speak knows it.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use handover_protocol::{
    PassThreadControlRequest, PersonId, Recipient, ReleaseThreadControlRequest,
    RequestThreadControlRequest, SendRequest, TakeThreadControlRequest, Timestamp,
};
use handover_sim::platform::{
    Account, App, Behavior, Claimed, Delivered, IdleMessage, InboxDone, Origin, Platform, Product,
    Routing, TakeFromIdle, TakeNotifies, WebhookDelivery,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::json;

use super::*;
use crate::journal::{ThreadChange, ThreadState};

const BOT: AppId = AppId::from_static("1517776481860111");
const SHOP: AppId = AppId::from_static("2262510160704936");
const PAGE: &str = "1744550565845823";
const INSTAGRAM: &str = "17841405822304914";
const HOUR: Duration = Duration::from_secs(60 * 60);

/// What somebody does.
#[derive(Clone, Debug)]
enum Act {
    Wait(Duration),
    Say,
    GetStarted,
    Link,
    /// The bot or the shop.
    Send(AppId),
    Pass(AppId, AppId),
    Take(AppId),
    Request(AppId),
    Release(AppId),
    InboxReply,
    InboxDone,
    InboxTake,
    Beside(Origin),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let app = || select(vec![BOT, SHOP]);
    let anybody = select(vec![BOT, SHOP, AppId::PAGE_INBOX, AppId::INSTAGRAM_INBOX]);
    let act = prop_oneof![
        2 => select(vec![Duration::from_secs(1), Duration::from_secs(10), HOUR, 25 * HOUR]).prop_map(Act::Wait),
        5 => Just(Act::Say),
        1 => Just(Act::GetStarted),
        1 => Just(Act::Link),
        3 => app().prop_map(Act::Send),
        3 => (app(), anybody).prop_map(|(app, to)| Act::Pass(app, to)),
        2 => app().prop_map(Act::Take),
        2 => app().prop_map(Act::Request),
        1 => app().prop_map(Act::Release),
        3 => Just(Act::InboxReply),
        2 => Just(Act::InboxDone),
        1 => Just(Act::InboxTake),
        3 => select(vec![
            Origin::Inbox, Origin::NativeApp, Origin::InstantReply, Origin::AwayMessage, Origin::Ai,
        ])
        .prop_map(Act::Beside),
    ];
    prop::collection::vec(act, 1..60)
}

/// Default app, none, primary receiver, secondary receiver, no roles.
fn routings() -> impl Strategy<Value = Routing> {
    let conversation = |default_app: AppId, social: Option<AppId>| Routing::Conversation {
        default_app,
        social,
        links: BTreeMap::from([("spring".to_owned(), SHOP)]),
    };
    select(vec![
        Routing::ZeroConfig,
        conversation(BOT, None),
        conversation(SHOP, None),
        conversation(BOT, Some(SHOP)),
        Routing::Legacy { primary: Some(BOT) },
        Routing::Legacy {
            primary: Some(SHOP),
        },
        Routing::Legacy { primary: None },
    ])
}

fn behavior() -> impl Strategy<Value = Behavior> {
    (
        select(vec![
            TakeNotifies::PreviousOwner,
            TakeNotifies::AllSubscribed,
        ]),
        select(vec![TakeFromIdle::Silent, TakeFromIdle::Null]),
        select(vec![Claimed::Messaging, Claimed::Standby]),
        select(vec![Delivered::Standby, Delivered::Messaging]),
        select(vec![IdleMessage::Owned, IdleMessage::StaysIdle]),
        select(vec![
            InboxDone::Passes,
            InboxDone::Releases,
            InboxDone::Keeps,
        ]),
    )
        .prop_map(
            |(take_notifies, idle, claimed, delivered, message, done)| Behavior {
                take_notifies,
                take_from_idle: idle,
                claimed_zero_config: claimed,
                messenger_delivery: delivered,
                idle_message: message,
                inbox_done: done,
                ..Behavior::default()
            },
        )
}

/// A bot on the simulated platform, which knows of a thread what the rules say.
struct World {
    platform: Platform,
    product: Product,
    routing: Routing,
    person: PersonId,
    now: Timestamp,
    state: ThreadState,
    sequence: u64,
    rules: OwnershipRules,
    /// What the bot itself said.
    own: HashSet<String>,
    /// Whether the person has written twice, so that no instant reply is to be expected.
    is_running: bool,
}

impl World {
    fn new(product: Product, routing: Routing, behavior: Behavior) -> Self {
        let mut platform = Platform::new(7);
        platform.set_behavior(behavior);
        platform.connect(App::new(BOT, "Bot"));
        platform.connect(App::new(SHOP, "Shop"));
        let account = match product {
            Product::Messenger => Account::page(PAGE, "Kaffeehaus"),
            Product::Instagram => Account::instagram(INSTAGRAM, "kaffeehaus", PAGE),
        };
        let id = account.id.clone();
        platform.add_account(account.routing(routing.clone()));
        let person = platform.add_person(&id, "Ana");
        Self {
            platform,
            product,
            routing,
            person,
            now: Timestamp::from_secs(1_790_000_000),
            state: ThreadState::default(),
            sequence: 0,
            rules: OwnershipRules {
                bot: BOT,
                humans: HumanApps::default(),
                pause: Duration::from_secs(30 * 60),
                pause_word: None,
                resume_word: None,
            },
            own: HashSet::new(),
            is_running: false,
        }
    }

    fn owner(&self) -> Option<AppId> {
        let thread = self.platform.thread(&self.person).unwrap();
        thread.owner(self.now).cloned()
    }

    fn recipient(&self) -> Recipient {
        Recipient::id(self.person.clone())
    }

    /// Whether the platform would let the bot send now, whatever the window.
    fn bot_may_send(&self) -> bool {
        match self.owner() {
            Some(owner) => owner == BOT,
            None => self
                .routing
                .default_app()
                .is_none_or(|default| *default == BOT),
        }
    }

    /// Carries the act out; what the bot's own call came to is learned as by the outbox.
    fn act(&mut self, act: &Act) -> Vec<WebhookDelivery> {
        let (person, now) = (self.person.clone(), self.now);
        let account = match self.product {
            Product::Messenger | Product::Instagram => PAGE.into(),
        };
        let call = |app| handover_sim::platform::CallContext {
            app,
            account: &account,
            now,
        };
        let recipient = self.recipient();
        let platform = &mut self.platform;
        let events = |step: Result<Vec<WebhookDelivery>, ()>| step.unwrap_or_default();
        match act {
            Act::Wait(time) => {
                self.now = self.now + *time;
                Vec::new()
            }
            Act::Say => events(
                platform
                    .say(&person, "hello", now)
                    .map(|s| s.deliveries)
                    .map_err(drop),
            ),
            Act::GetStarted => events(
                platform
                    .get_started(&person, now)
                    .map(|s| s.deliveries)
                    .map_err(drop),
            ),
            Act::Link => events(
                platform
                    .open_link(&person, "spring", now)
                    .map(|s| s.deliveries)
                    .map_err(drop),
            ),
            Act::InboxReply => events(
                platform
                    .inbox_reply(&person, "This is Ben", now)
                    .map(|s| s.deliveries)
                    .map_err(drop),
            ),
            Act::InboxDone => events(
                platform
                    .inbox_done(&person, now)
                    .map(|s| s.deliveries)
                    .map_err(drop),
            ),
            Act::InboxTake => events(
                platform
                    .inbox_take(&person, now)
                    .map(|s| s.deliveries)
                    .map_err(drop),
            ),
            Act::Beside(origin) => events(
                platform
                    .account_says(&person, "This is Ben", *origin, now)
                    .map(|s| s.deliveries)
                    .map_err(drop),
            ),
            Act::Send(app) => {
                let request = SendRequest {
                    recipient,
                    message: Some(OutgoingMessage::text("hi")),
                    ..SendRequest::default()
                };
                let step = platform.send(&call(app), &request);
                if let (Ok(step), true) = (&step, *app == BOT) {
                    self.own.extend(step.value.message_id.clone());
                }
                events(step.map(|s| s.deliveries).map_err(drop))
            }
            Act::Pass(app, to) => {
                let request = PassThreadControlRequest {
                    recipient,
                    target_app_id: Some(to.clone()),
                    ..PassThreadControlRequest::default()
                };
                let step = platform.pass_thread_control(&call(app), &request);
                self.learn_if(*app == BOT && step.is_ok(), &request.into());
                events(step.map(|s| s.deliveries).map_err(drop))
            }
            Act::Take(app) => {
                let request = TakeThreadControlRequest {
                    recipient,
                    ..TakeThreadControlRequest::default()
                };
                let step = platform.take_thread_control(&call(app), &request);
                self.learn_if(*app == BOT && step.is_ok(), &request.into());
                events(step.map(|s| s.deliveries).map_err(drop))
            }
            Act::Request(app) => {
                let request = RequestThreadControlRequest {
                    recipient,
                    ..RequestThreadControlRequest::default()
                };
                let step = platform.request_thread_control(&call(app), &request);
                events(step.map(|s| s.deliveries).map_err(drop))
            }
            Act::Release(app) => {
                let request = ReleaseThreadControlRequest {
                    recipient,
                    ..ReleaseThreadControlRequest::default()
                };
                let step = platform.release_thread_control(&call(app), &request);
                self.learn_if(*app == BOT && step.is_ok(), &request.into());
                events(step.map(|s| s.deliveries).map_err(drop))
            }
        }
    }

    fn learn_if(&mut self, is_done: bool, call: &Call) {
        if let (true, Some(owner)) = (is_done, owner_after(call)) {
            self.learn(owner);
        }
    }

    fn learn(&mut self, owner: Owner) {
        self.state.apply(&ThreadChange {
            ownership: Some(KnownOwner::seen(owner, self.now, self.sequence)),
            ..ThreadChange::default()
        });
    }

    /// The owner as `thread_owner` shows it to the bot.
    fn asked(&mut self) -> Owner {
        let account = PAGE.into();
        let call = handover_sim::platform::CallContext {
            app: &BOT,
            account: &account,
            now: self.now,
        };
        let owners = self.platform.thread_owner(&call, &self.person).unwrap();
        match owners.value.data.into_iter().next() {
            None => Owner::Bot,
            Some(row) => match row.thread_owner.app_id {
                Some(app) if app == BOT => Owner::Bot,
                app => Owner::Other(app),
            },
        }
    }

    /// The bot hears of it, as a worker would.
    fn hear(&mut self, delivery: &WebhookDelivery, act: &Act) -> Result<(), TestCaseError> {
        let body = &delivery.event.body;
        if let EventBody::Echo(echo) = body
            && echo.mid.as_ref().is_some_and(|mid| self.own.contains(mid))
        {
            return Ok(());
        }
        self.sequence += 1;
        let received = Received {
            object: delivery.product.object(),
            account: delivery.account.clone(),
            channel: delivery.channel,
            time: None,
            extra: serde_json::Map::new(),
            event: delivery.event.clone(),
        };
        let time = EventTime {
            at: self.now,
            stamp: received.event.timestamp,
            sequence: self.sequence,
        };
        let turn = addressee(&received, &time, &self.state.known(), self.now);
        if turn == Addressee::Ask {
            let owner = self.asked();
            self.learn(owner);
        }
        let (seen, change) = self.state.see(&received, &time, String::new, &self.rules);
        self.is_certain(&received, &seen)?;
        self.is_human(&received, &seen, act)?;
        self.state.apply(&change);
        if matches!(body, EventBody::Message(_)) && received.channel == Channel::Messaging {
            self.is_refused_rightly()?;
        }
        Ok(())
    }

    /// Another owner is named only if there is one, and by the right name; the bot only where it may
    /// send.
    fn is_certain(&self, received: &Received, seen: &EventEffect) -> Result<(), TestCaseError> {
        let owner = self.owner();
        match &seen.owner {
            Some(Owner::Other(app)) => {
                prop_assert_ne!(owner.as_ref(), Some(&BOT), "{:?}", received);
                if app.is_some() {
                    prop_assert_eq!(&owner, app, "{:?}", received);
                }
                prop_assert!(!self.bot_may_send(), "{:?}", received);
            }
            // Where every app hears everything, the bot may only try.
            Some(Owner::Bot) if self.tells_by_channel() => {
                prop_assert!(
                    self.bot_may_send(),
                    "{:?} is owned by {:?}",
                    received,
                    owner
                );
            }
            _ => {}
        }
        if let EventBody::Echo(_) = received.event.body {
            prop_assert_eq!(&seen.owner, &None, "who speaks need not own it");
        }
        Ok(())
    }

    fn tells_by_channel(&self) -> bool {
        self.product == Product::Messenger
            && self.platform.behavior().messenger_delivery == Delivered::Standby
            && self.routing.is_conversation()
    }

    /// After a message of the person that came to the bot, it refuses exactly what the platform would.
    fn is_refused_rightly(&self) -> Result<(), TestCaseError> {
        let other = self.state.ownership.other_owner(self.now);
        if other.is_some() {
            prop_assert!(
                !self.bot_may_send(),
                "the bot holds {:?} for the owner",
                other
            );
        }
        Ok(())
    }

    fn is_human(
        &self,
        received: &Received,
        seen: &EventEffect,
        act: &Act,
    ) -> Result<(), TestCaseError> {
        let EventBody::Echo(_) = received.event.body else {
            prop_assert!(!seen.human);
            return Ok(());
        };
        let speaks = match act {
            Act::InboxReply | Act::Beside(Origin::Inbox | Origin::NativeApp) => Some(true),
            Act::Beside(Origin::Ai) => Some(false),
            // Their order decides, below.
            Act::Beside(_) => None,
            // The shop may be people.
            Act::Send(app) if *app == SHOP => Some(true),
            _ => None,
        };
        match speaks {
            Some(false) => prop_assert!(!seen.human),
            Some(true) if self.is_running => prop_assert!(seen.human, "{:?}", received),
            _ => {}
        }
        let beside = seen.human
            && received.channel == Channel::Messaging
            && self.state.ownership.other_owner(self.now).is_none();
        prop_assert_eq!(matches!(seen.pause, Some(PauseUpdate::Until(_))), beside);
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn what_the_bot_holds_for_certain_is_so(
        product in select(vec![Product::Messenger, Product::Instagram]),
        routing in routings(),
        behavior in behavior(),
        acts in acts(),
    ) {
        let mut world = World::new(product, routing, behavior);
        let mut written = Vec::new();
        for act in &acts {
            let deliveries = world.act(act);
            let hears = deliveries.iter().any(|one| one.app == BOT);
            if matches!(act, Act::Say | Act::GetStarted | Act::Link) && hears {
                written.push((world.now, matches!(act, Act::Say)));
            }
            // Neither the first message of a day nor what came before that, which the instant reply
            // answers.
            world.is_running = written.split_last().is_some_and(|((last, by_message), before)| {
                before
                    .iter()
                    .any(|(at, is_message)| last.duration_since(*at) < DAY && (*is_message || !by_message))
            });
            for delivery in deliveries.iter().filter(|one| one.app == BOT) {
                world.hear(delivery, act)?;
            }
        }
    }
}

/// What no act of the simulator brings about.
#[test]
fn words_of_an_agent_are_commands_only_where_they_are_set() {
    let rules = OwnershipRules {
        bot: BOT,
        humans: HumanApps::default(),
        pause: Duration::ZERO,
        pause_word: Some(("#human".to_owned(), Duration::from_secs(60))),
        resume_word: Some("#bot".to_owned()),
    };
    let echo = |text: &str| Received {
        object: Object::Page,
        account: PAGE.into(),
        channel: Channel::Messaging,
        time: None,
        extra: serde_json::Map::new(),
        event: handover_protocol::Event {
            body: EventBody::Echo(Message {
                text: Some(text.to_owned()),
                is_echo: true,
                app_id: Some(AppId::PAGE_INBOX),
                ..Message::default()
            }),
            ..handover_protocol::Event::default()
        },
    };
    let state = ThreadState::default();
    let time = EventTime {
        at: Timestamp::from_secs(1),
        stamp: None,
        sequence: 1,
    };
    let pause = |text: &str| seen(&echo(text), &time, &state.known(), &rules).pause;
    assert_eq!(pause("hello"), None);
    assert_eq!(
        pause(" #Human"),
        Some(PauseUpdate::Until(Timestamp::from_secs(61)))
    );
    assert_eq!(pause("#bot"), Some(PauseUpdate::Ends));
    assert_eq!(pause("#bot please"), None);
}

/// Of the other kinds, nobody knows: what is sent in a window that is not open is refused.
#[test]
fn the_documented_actions_of_a_person_open_the_window_and_no_others() {
    let documented = [
        ("message", json!({ "mid": "m_1", "text": "hello" }), true),
        (
            "message",
            json!({ "mid": "m_1", "is_deleted": true }),
            false,
        ),
        (
            "message",
            json!({ "mid": "m_1", "text": "hi", "is_echo": true }),
            false,
        ),
        (
            "postback",
            json!({ "title": "Start", "payload": "GET_STARTED" }),
            true,
        ),
        (
            "referral",
            json!({ "ref": "spring", "source": "SHORTLINK", "type": "OPEN_THREAD" }),
            true,
        ),
        (
            "optin",
            json!({ "ref": "newsletter", "user_ref": "visitor-17" }),
            true,
        ),
        (
            "reaction",
            json!({ "reaction": "love", "action": "react", "mid": "m_1" }),
            true,
        ),
        (
            "reaction",
            json!({ "action": "unreact", "mid": "m_1" }),
            false,
        ),
        ("read", json!({ "watermark": 7 }), false),
        ("delivery", json!({ "watermark": 7 }), false),
        (
            "pass_thread_control",
            json!({ "new_owner_app_id": "7" }),
            false,
        ),
        (
            "take_thread_control",
            json!({ "new_owner_app_id": "7" }),
            false,
        ),
    ];
    let others = EventBody::KINDS.iter().filter(|kind| {
        let mut documented = documented.iter();
        documented.all(|(name, ..)| name != *kind)
    });
    let others = others.map(|kind| (*kind, json!({}), false));
    let all = documented.iter().cloned().chain(others);
    for (kind, content, opens) in all {
        let event = handover_protocol::Event::from(json!({ kind: content }));
        assert_eq!(opens_window(&event.body), opens, "{event:?}");
    }
}
