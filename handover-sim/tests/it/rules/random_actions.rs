//! Some account with some settings, and everything that can be done with a thread of it.

use std::collections::BTreeMap;

use handover_protocol::{
    AppId, ControlType, OutgoingMessage, QuickReply, SendRequest, SendThreadControl,
};
use handover_sim::platform::{
    Account, Ad, App, AppIds, Behavior, Claimed, Connection, Deletions, Delivered, EchoAfterPass,
    EchoAppId, EchoedTemplate, ExtendTooLong, IdleMessage, InboxDone, MessageAuthor,
    NewMessageEdit, NoMetadata, Origin, PassFromIdle, Platform, Product, Routing, SendChecks,
    TakeFromIdle, TakeNotifies, Thread, WebhookDelivery, WebhookField,
};
use proptest::prelude::*;
use serde_json::json;

use crate::support::rules::{BOT, DAY, HOUR, INSTAGRAM, PAGE, Rules, SHOP};

/// A third app, which no event is about.
pub(crate) const CRM: AppId = AppId::from_static("498721317747541");

pub(crate) const BOTS: [AppId; 3] = [BOT, SHOP, CRM];

/// The kinds of events, with the fields of either product that bring them. What handovers have in
/// common is the first of their names.
const FIELDS: [(&str, &str, &str); 10] = [
    ("message", "messages", "messages"),
    ("echo", "message_echoes", "messages"),
    ("delivery", "message_deliveries", ""),
    ("read", "message_reads", "messaging_seen"),
    ("reaction", "message_reactions", "message_reactions"),
    ("message_edit", "message_edits", "message_edit"),
    ("postback", "messaging_postbacks", "messaging_postbacks"),
    ("referral", "messaging_referrals", "messaging_referral"),
    ("handover", "messaging_handovers", "messaging_handover"),
    ("standby", "standby", "standby"),
];

/// What is set for one app, as it was drawn and not as the platform has it.
#[derive(Debug, Clone)]
pub(crate) struct Switches {
    pub(crate) can_take: bool,
    pub(crate) standby: bool,
    pub(crate) subscribed: bool,
    /// The field that the app is not subscribed to.
    pub(crate) app_lacks: Option<&'static str>,
    /// The field that the account does not tell it about.
    pub(crate) account_lacks: Option<&'static str>,
}

/// What is set for the account.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) product: Product,
    pub(crate) routing: Routing,
    pub(crate) behavior: Behavior,
    pub(crate) switches: [Switches; 3],
}

impl Settings {
    /// The field of this kind of events, by its name on this product.
    pub(crate) fn field_of(&self, kind: &str) -> &'static str {
        let row = FIELDS.iter().find(|row| row.0 == kind);
        let row = row.unwrap_or(&FIELDS[8]);
        match self.product {
            Product::Messenger => row.1,
            Product::Instagram => row.2,
        }
    }

    pub(crate) fn rules(&self) -> Rules {
        let account = match self.product {
            Product::Messenger => Account::page(PAGE, "Kaffeehaus"),
            Product::Instagram => Account::instagram(INSTAGRAM, "kaffeehaus", PAGE),
        };
        let id = account.id.clone();
        let lead = Ad {
            lead_summary: true,
            ..Ad::new("2", "Coats").received_by(CRM, 99)
        };
        let account = account
            .routing(self.routing.clone())
            .ad(Ad::new("1", "Hats").received_by(SHOP, 3))
            .ad(lead)
            .ad(Ad::new("3", "Shoes"));
        let mut rules = Rules::on(account).with_behavior(self.behavior);
        for (app, switches) in BOTS.iter().zip(&self.switches) {
            let but = |lacks: Option<&str>| {
                let lacks = lacks?;
                let lacks = WebhookField::named(self.product, lacks)?;
                let fields = WebhookField::all(self.product).filter(|field| *field != lacks);
                Some(fields.collect())
            };
            rules.platform.connect(App {
                page_fields: but(switches.app_lacks).filter(|_| self.product == Product::Messenger),
                instagram_fields: but(switches.app_lacks)
                    .filter(|_| self.product == Product::Instagram),
                ..App::new(app.clone(), "App")
            });
            *rules.platform.connection_mut(&id, app).unwrap() = Connection {
                can_take: switches.can_take,
                standby: switches.standby,
                subscribed: switches.subscribed,
                fields: but(switches.account_lacks),
                ..Connection::new(app.clone())
            };
        }
        rules
    }
}

fn any_of<T: Clone + std::fmt::Debug + 'static>(these: &[T]) -> impl Strategy<Value = T> + use<T> {
    prop::sample::select(these.to_vec())
}

fn a_bot() -> impl Strategy<Value = AppId> {
    any_of(&BOTS)
}

fn routings(inbox: &AppId) -> impl Strategy<Value = Routing> + use<> {
    let inbox = inbox.clone();
    let anybody = move || any_of(&[BOT, SHOP, inbox.clone()]);
    let conversation = (anybody(), prop::option::of(a_bot()), a_bot()).prop_map(
        |(default_app, social, spring)| Routing::Conversation {
            default_app,
            social,
            links: BTreeMap::from([("spring".to_owned(), spring)]),
        },
    );
    let legacy = prop::option::of(anybody()).prop_map(|primary| Routing::Legacy { primary });
    prop_oneof![1 => Just(Routing::ZeroConfig), 2 => conversation, 1 => legacy]
}

fn behavior() -> impl Strategy<Value = Behavior> {
    let delivered = (
        any_of(&[TakeNotifies::PreviousOwner, TakeNotifies::AllSubscribed]),
        any_of(&[TakeFromIdle::Silent, TakeFromIdle::Null]),
        any_of(&[PassFromIdle::Null, PassFromIdle::Absent]),
        any_of(&[AppIds::Numbers, AppIds::Strings, AppIds::Mixed]),
        any_of(&[NoMetadata::Absent, NoMetadata::Null]),
        any_of(&[EchoAfterPass::After, EchoAfterPass::Before]),
    );
    let done = (
        any_of(&[Claimed::Messaging, Claimed::Standby]),
        any_of(&[Delivered::Standby, Delivered::Messaging]),
        any_of(&[Delivered::Standby, Delivered::Messaging]),
        any_of(&[IdleMessage::Owned, IdleMessage::StaysIdle]),
        any_of(&[ExtendTooLong::Refused, ExtendTooLong::Clamped]),
        any_of(&[SendChecks::OwnerFirst, SendChecks::WindowFirst]),
        any_of(&[InboxDone::Passes, InboxDone::Releases, InboxDone::Keeps]),
    );
    let bodies = (
        any_of(&[EchoAppId::Absent, EchoAppId::Present]),
        any_of(&[
            EchoedTemplate::ByKind,
            EchoedTemplate::Empty,
            EchoedTemplate::AsSent,
        ]),
        any_of(&[
            NewMessageEdit::Never,
            NewMessageEdit::WithoutParties,
            NewMessageEdit::WithParties,
            NewMessageEdit::Only,
        ]),
        any_of(&[Deletions::NotSent, Deletions::Sent]),
    );
    (delivered, done, bodies).prop_map(|(delivered, done, bodies)| Behavior {
        take_notifies: delivered.0,
        take_from_idle: delivered.1,
        pass_from_idle: delivered.2,
        app_ids: delivered.3,
        no_metadata: delivered.4,
        echo_after_pass: delivered.5,
        claimed_zero_config: done.0,
        messenger_delivery: done.1,
        instagram_delivery: done.2,
        idle_message: done.3,
        extend_too_long: done.4,
        send_checks: done.5,
        inbox_done: done.6,
        instagram_echo_app_id: bodies.0,
        instagram_templates: bodies.1,
        instagram_new_message_edit: bodies.2,
        messenger_deletions: bodies.3,
        ..Behavior::default()
    })
}

fn switches(product: Product) -> impl Strategy<Value = Switches> {
    let names: Vec<_> = FIELDS
        .iter()
        .map(|row| match product {
            Product::Messenger => row.1,
            Product::Instagram => row.2,
        })
        .filter(|name| !name.is_empty())
        .collect();
    let lacks = || prop::option::weighted(0.3, any_of(&names));
    let on = || prop::bool::weighted(0.8);
    (on(), on(), on(), lacks(), lacks()).prop_map(
        |(can_take, standby, subscribed, app_lacks, account_lacks)| Switches {
            can_take,
            standby,
            subscribed,
            app_lacks,
            account_lacks,
        },
    )
}

/// Some account: of either product, in any mode, with switches in any position.
pub(crate) fn settings() -> impl Strategy<Value = Settings> {
    any_of(&[Product::Messenger, Product::Instagram]).prop_flat_map(|product| {
        let switches = || switches(product);
        let switches = (switches(), switches(), switches());
        (routings(&product.inbox()), behavior(), switches).prop_map(
            move |(routing, behavior, (one, two, three))| Settings {
                product,
                routing,
                behavior,
                switches: [one, two, three],
            },
        )
    })
}

#[derive(Debug, Clone)]
pub(crate) enum Action {
    Wait(i64),
    Say,
    Reply,
    Attach(&'static str),
    GetStarted,
    QuickReply,
    Button,
    Read,
    React,
    Unreact,
    Edit,
    Unsend,
    OpenLink(&'static str),
    ClickAd(&'static str),
    LeadAd(&'static str),
    LeadAdComplete(bool),
    Send(AppId, Option<Option<AppId>>),
    SendButton(AppId),
    SendAsHuman(AppId),
    Pass(AppId, Option<AppId>),
    Take(AppId),
    Request(AppId),
    Release(AppId),
    Extend(AppId, u64),
    InboxReply,
    InboxDone,
    InboxTake,
    InboxRequest,
    AccountSays(Origin),
    AccountDeletes,
}

pub(crate) fn actions() -> impl Strategy<Value = Vec<Action>> {
    let anybody = || {
        any_of(&[
            BOT,
            SHOP,
            CRM,
            AppId::PAGE_INBOX,
            AppId::INSTAGRAM_INBOX,
            AppId::LEADGEN,
            "1".into(),
        ])
    };
    let ads = || any_of(&["1", "2", "3", "4"]);
    let by_person = prop_oneof![
        4 => Just(Action::Say),
        1 => Just(Action::Reply),
        1 => any_of(&["image", "sticker", "smell"]).prop_map(Action::Attach),
        1 => Just(Action::GetStarted),
        1 => Just(Action::QuickReply),
        2 => Just(Action::Button),
        1 => Just(Action::Read),
        1 => Just(Action::React),
        1 => Just(Action::Unreact),
        1 => Just(Action::Edit),
        1 => Just(Action::Unsend),
        1 => any_of(&["spring", "autumn"]).prop_map(Action::OpenLink),
        1 => ads().prop_map(Action::ClickAd),
        1 => ads().prop_map(Action::LeadAd),
        1 => any::<bool>().prop_map(Action::LeadAdComplete),
    ];
    let by_app = prop_oneof![
        2 => (a_bot(), prop::option::of(prop::option::of(anybody())))
            .prop_map(|(app, control)| Action::Send(app, control)),
        1 => a_bot().prop_map(Action::SendButton),
        1 => a_bot().prop_map(Action::SendAsHuman),
        2 => (a_bot(), prop::option::of(anybody())).prop_map(|(app, to)| Action::Pass(app, to)),
        1 => a_bot().prop_map(Action::Take),
        1 => a_bot().prop_map(Action::Request),
        1 => a_bot().prop_map(Action::Release),
        1 => (a_bot(), 0..700_000_u64).prop_map(|(app, seconds)| Action::Extend(app, seconds)),
    ];
    let by_agent = any_of(&[
        Action::InboxReply,
        Action::InboxDone,
        Action::InboxTake,
        Action::InboxRequest,
        Action::AccountSays(Origin::Inbox),
        Action::AccountSays(Origin::NativeApp),
        Action::AccountSays(Origin::Ai),
        Action::AccountDeletes,
    ]);
    let wait = any_of(&[1, HOUR, DAY - 1, DAY, 7 * DAY]).prop_map(Action::Wait);
    let act = prop_oneof![1 => wait, 4 => by_person, 4 => by_app, 2 => by_agent];
    prop::collection::vec(act, 1..60)
}

/// What an act did, as far as it can be seen from outside.
pub(crate) struct Seen {
    /// Whether it was carried out.
    pub(crate) done: bool,
    pub(crate) deliveries: Vec<WebhookDelivery>,
}

fn seen<T, E>(answer: Result<handover_sim::platform::Step<T>, E>) -> Seen {
    match answer {
        Ok(step) => Seen {
            done: true,
            deliveries: step.deliveries,
        },
        Err(_) => Seen {
            done: false,
            deliveries: Vec::new(),
        },
    }
}

/// The newest message that is like this, or an id that no message has.
fn newest(thread: &Thread, like: impl Fn(&handover_sim::platform::ChatMessage) -> bool) -> String {
    let mut messages = thread.messages().rev();
    let found = messages.find(|message| like(message));
    found.map_or_else(|| "m_none".to_owned(), |message| message.mid.clone())
}

impl Rules {
    /// The app that sent the button which [`Action::Button`] taps.
    pub(crate) fn sender_of_button(&self) -> Option<AppId> {
        let mut messages = self.thread().messages().rev();
        let asked = messages.find(|message| !message.buttons().is_empty())?;
        match &asked.author {
            MessageAuthor::App(app) => Some(app.clone()),
            MessageAuthor::Person => None,
        }
    }

    pub(crate) fn carry_out(&mut self, act: &Action) -> Seen {
        let theirs = newest(self.thread(), |message| {
            message.author == MessageAuthor::Person
        });
        let any = newest(self.thread(), |_| true);
        let button = newest(self.thread(), |message| !message.buttons().is_empty());
        match act {
            Action::Wait(millis) => {
                self.later(*millis);
                Seen {
                    done: true,
                    deliveries: Vec::new(),
                }
            }
            Action::Say => seen(self.act(|platform, ana, now| platform.say(ana, "hello", now))),
            Action::Reply => {
                seen(self.act(|platform, ana, now| platform.reply(ana, &any, "yes", now)))
            }
            Action::Attach(kind) => seen(self.act(|platform, ana, now| {
                platform.attach(ana, kind, "https://cats.example/1.jpg", now)
            })),
            Action::GetStarted => seen(self.act(Platform::get_started)),
            Action::QuickReply => {
                seen(self.act(|platform, ana, now| platform.tap_quick_reply(ana, "Red", now)))
            }
            Action::Button => {
                seen(self.act(|platform, ana, now| platform.tap_button(ana, &button, 0, now)))
            }
            Action::Read => seen(self.act(Platform::read)),
            Action::React => {
                seen(self.act(|platform, ana, now| platform.react(ana, &any, "love", None, now)))
            }
            Action::Unreact => {
                seen(self.act(|platform, ana, now| platform.unreact(ana, &any, now)))
            }
            Action::Edit => {
                seen(self.act(|platform, ana, now| platform.edit(ana, &theirs, "hullo", now)))
            }
            Action::Unsend => {
                seen(self.act(|platform, ana, now| platform.unsend(ana, &theirs, now)))
            }
            Action::OpenLink(link) => {
                seen(self.act(|platform, ana, now| platform.open_link(ana, link, now)))
            }
            Action::ClickAd(ad) => {
                seen(self.act(|platform, ana, now| platform.click_ad(ana, ad, now)))
            }
            Action::LeadAd(ad) => {
                seen(self.act(|platform, ana, now| platform.lead_ad(ana, ad, now)))
            }
            Action::LeadAdComplete(complete) => {
                seen(self.act(|platform, ana, now| platform.lead_ad_complete(ana, *complete, now)))
            }
            Action::Send(app, control) => {
                let mut request = SendRequest {
                    thread_control: control.clone().map(|app_id| SendThreadControl {
                        control_type: app_id.is_some().then_some(ControlType::Pass),
                        app_id,
                        ..SendThreadControl::default()
                    }),
                    ..self.text("hello")
                };
                if let Some(message) = &mut request.message {
                    message.quick_replies = vec![QuickReply::text("Red", "RED")];
                }
                seen(self.send(app, &request))
            }
            Action::SendButton(app) => {
                let attachment = json!({"type": "template", "payload": {
                    "template_type": "button", "text": "?",
                    "buttons": [{"type": "postback", "title": "Buy", "payload": "BUY"}]}});
                let request = SendRequest {
                    message: Some(OutgoingMessage::attachment(
                        serde_json::from_value(attachment).unwrap(),
                    )),
                    ..self.text("")
                };
                seen(self.send(app, &request))
            }
            Action::SendAsHuman(app) => seen(self.says_as_human(app)),
            Action::Pass(app, target) => seen(self.pass(app, target.as_ref())),
            Action::Take(app) => seen(self.take(app)),
            Action::Request(app) => seen(self.request(app)),
            Action::Release(app) => seen(self.release(app)),
            Action::Extend(app, seconds) => seen(self.extend(app, Some(*seconds))),
            Action::InboxReply => {
                seen(self.act(|platform, ana, now| platform.inbox_reply(ana, "hello", now)))
            }
            Action::AccountSays(origin) => seen(
                self.act(|platform, ana, now| platform.account_says(ana, "hello", *origin, now)),
            ),
            Action::AccountDeletes => {
                seen(self.act(|platform, ana, now| platform.account_deletes(ana, None, now)))
            }
            Action::InboxDone => seen(self.act(Platform::inbox_done)),
            Action::InboxTake => seen(self.act(Platform::inbox_take)),
            Action::InboxRequest => seen(self.act(Platform::inbox_request)),
        }
    }
}
