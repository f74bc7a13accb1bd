//! What holds whatever anybody does, in whichever order.

use handover_protocol::Channel::{Messaging, Standby};
use handover_protocol::{
    AppId, Channel, ControlType, ExtendThreadControlRequest, Recipient,
    ReleaseThreadControlRequest, RequestThreadControlRequest, SendRequest, SendThreadControl,
    TakeThreadControlRequest,
};
use handover_sim::platform::{Account, App, Connection, Delivery};
use proptest::prelude::*;

use crate::stage::{BOT, DAY, HOUR, INBOX, PAGE, SHOP, Stage};

/// A third app, so that there is somebody whom nothing is ever about.
const CRM: AppId = AppId::from_static("498721317747541");

const BOTS: [AppId; 3] = [BOT, SHOP, CRM];

#[derive(Debug, Clone)]
enum Act {
    Wait(i64),
    Say,
    GetStarted,
    Read,
    Send(AppId, Option<Option<AppId>>),
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
}

/// What an act did, as far as it can be seen from outside.
struct Seen {
    /// Whether it was carried out.
    done: bool,
    deliveries: Vec<Delivery>,
}

fn a_bot() -> impl Strategy<Value = AppId> {
    prop::sample::select(BOTS.to_vec())
}

fn anybody() -> impl Strategy<Value = AppId> {
    prop::sample::select(vec![BOT, SHOP, CRM, INBOX, "1".into()])
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let act = prop_oneof![
        prop::sample::select(vec![1, HOUR, DAY - 1, DAY, 7 * DAY]).prop_map(Act::Wait),
        Just(Act::Say),
        Just(Act::GetStarted),
        Just(Act::Read),
        (a_bot(), prop::option::of(prop::option::of(anybody())))
            .prop_map(|(app, control)| Act::Send(app, control)),
        a_bot().prop_map(Act::SendAsHuman),
        (a_bot(), prop::option::of(anybody())).prop_map(|(app, target)| Act::Pass(app, target)),
        a_bot().prop_map(Act::Take),
        a_bot().prop_map(Act::Request),
        a_bot().prop_map(Act::Release),
        (a_bot(), 0..700_000_u64).prop_map(|(app, seconds)| Act::Extend(app, seconds)),
        Just(Act::InboxReply),
        Just(Act::InboxDone),
        Just(Act::InboxTake),
        Just(Act::InboxRequest),
    ];
    prop::collection::vec(act, 1..60)
}

/// Some Page: in either mode, some app as the default one, and switches in any position.
fn stages() -> impl Strategy<Value = Stage> {
    let default = prop::sample::select(vec![None, Some(BOT), Some(SHOP), Some(INBOX)]);
    (default, any::<[bool; 3]>()).prop_map(|(default, [can_take, standby, subscribed])| {
        let mut page = Account::page(PAGE, "Kaffeehaus");
        if let Some(default) = default {
            page = page.default_app(default);
        }
        let mut shop = Connection::new(SHOP);
        shop.can_take = can_take;
        shop.standby = standby;
        let mut stage = Stage::with(page, shop);
        stage.platform.connect(App::new(CRM, "CRM"));
        let crm = stage.platform.connection_mut(&PAGE.into(), &CRM).unwrap();
        crm.subscribed = subscribed;
        stage
    })
}

impl Stage {
    fn carry_out(&mut self, act: &Act) -> Seen {
        let recipient = Recipient::id(self.ana.clone());
        let now = self.now;
        let ana = self.ana.clone();
        macro_rules! seen {
            ($answer:expr) => {
                match $answer {
                    Ok(step) => Seen {
                        done: true,
                        deliveries: step.deliveries,
                    },
                    Err(_) => Seen {
                        done: false,
                        deliveries: Vec::new(),
                    },
                }
            };
        }
        macro_rules! control {
            ($app:expr, $call:ident, $request:ident { $($field:ident: $value:expr)? }) => {{
                let request = $request { recipient, $($field: $value,)? ..$request::default() };
                seen!(self.call($app, |platform, call| platform.$call(call, &request)))
            }};
        }
        match act {
            Act::Wait(millis) => {
                self.later(*millis);
                Seen {
                    done: true,
                    deliveries: Vec::new(),
                }
            }
            Act::Say => seen!(self.platform.say(&ana, "hello", now)),
            Act::GetStarted => seen!(self.platform.get_started(&ana, now)),
            Act::Read => seen!(self.platform.read(&ana, now)),
            Act::Send(app, control) => {
                let request = SendRequest {
                    thread_control: control.clone().map(|app_id| SendThreadControl {
                        control_type: app_id.is_some().then_some(ControlType::Pass),
                        app_id,
                        ..SendThreadControl::default()
                    }),
                    ..self.text("hello")
                };
                seen!(self.send(app, &request))
            }
            Act::SendAsHuman(app) => {
                let tag = Some("HUMAN_AGENT".to_owned());
                let request = SendRequest {
                    tag,
                    ..self.text("hello")
                };
                seen!(self.send(app, &request))
            }
            Act::Pass(app, target) => seen!(self.pass(app, target.as_ref())),
            Act::Take(app) => control!(app, take_thread_control, TakeThreadControlRequest {}),
            Act::Request(app) => {
                control!(app, request_thread_control, RequestThreadControlRequest {})
            }
            Act::Release(app) => {
                control!(app, release_thread_control, ReleaseThreadControlRequest {})
            }
            Act::Extend(app, seconds) => control!(
                app,
                extend_thread_control,
                ExtendThreadControlRequest {
                    duration: Some(*seconds)
                }
            ),
            Act::InboxReply => seen!(self.platform.inbox_reply(&ana, "hello", now)),
            Act::InboxDone => seen!(self.platform.inbox_done(&ana, now)),
            Act::InboxTake => seen!(self.platform.inbox_take(&ana, now)),
            Act::InboxRequest => seen!(self.platform.inbox_request(&ana, now)),
        }
    }

    fn default_app(&self) -> Option<AppId> {
        self.platform.accounts()[0].routing.default_app().cloned()
    }

    /// Whom the rules name for an event of the conversation, written down independently.
    fn audience(&self) -> Vec<(AppId, Channel)> {
        let responsible = self.owner().or(self.default_app());
        let mut audience = Vec::new();
        for connection in self.platform.accounts()[0].connections() {
            let channel = match self.default_app() {
                None => Messaging,
                Some(_) if responsible.as_ref() == Some(&connection.app) => Messaging,
                Some(_) => Standby,
            };
            let hears = self.is_subscribed(&connection.app);
            if hears && (channel == Messaging || connection.standby) {
                audience.push((connection.app.clone(), channel));
            }
        }
        audience
    }

    fn is_subscribed(&self, app: &AppId) -> bool {
        let connection = self.platform.accounts()[0].connection(app);
        *app != INBOX && connection.is_some_and(|connection| connection.subscribed)
    }

    /// The one webhook of a handover, to this app, if it can get any.
    fn handover(&self, app: &AppId, kind: &str) -> Vec<(AppId, Channel, String)> {
        let heard = self.is_subscribed(app);
        heard
            .then(|| (app.clone(), Messaging, kind.to_owned()))
            .into_iter()
            .collect()
    }
}

fn of_kind(deliveries: &[Delivery], kinds: &[&str]) -> Vec<(AppId, Channel, String)> {
    deliveries
        .iter()
        .map(|one| {
            (
                one.app.clone(),
                one.channel,
                one.event.body.kind().to_owned(),
            )
        })
        .filter(|(_, _, kind)| kinds.contains(&kind.as_str()))
        .collect()
}

const HANDOVERS: [&str; 3] = [
    "pass_thread_control",
    "take_thread_control",
    "request_thread_control",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_message_of_a_non_owner_gets_through(mut stage in stages(), acts in acts()) {
        for act in &acts {
            let may = |stage: &Stage, app: &AppId| match stage.owner().or(stage.default_app()) {
                Some(responsible) => responsible == *app,
                None => true,
            };
            let allowed = match act {
                Act::Send(app, _) => may(&stage, app),
                Act::SendAsHuman(app) => {
                    let connection = stage.platform.accounts()[0].connection(app);
                    may(&stage, app) || connection.is_some_and(|connection| connection.can_take)
                }
                _ => true,
            };
            let before = stage.platform.threads()[0].messages().count();
            let seen = stage.carry_out(act);
            prop_assert!(allowed || !seen.done, "{act:?} got through");
            if !allowed {
                prop_assert_eq!(stage.platform.threads()[0].messages().count(), before);
            }
        }
    }

    #[test]
    fn at_most_one_app_is_in_charge(mut stage in stages(), acts in acts()) {
        for act in &acts {
            stage.carry_out(act);
            // The window is another matter: a message opens it without changing an owner.
            let mut probed = stage.clone();
            let owner_before = probed.owner();
            probed.carry_out(&Act::Say);
            if owner_before.is_some() {
                prop_assert_eq!(probed.owner(), owner_before);
            }
            let sends = |app: &AppId| probed.clone().carry_out(&Act::Send(app.clone(), None)).done;
            let mut able = BOTS.to_vec();
            able.retain(sends);
            match probed.owner() {
                Some(owner) if BOTS.contains(&owner) => prop_assert_eq!(able, [owner]),
                Some(_) => prop_assert!(able.is_empty(), "{able:?}"),
                None => prop_assert_eq!(able, BOTS, "only without a default app has it no owner"),
            }
        }
    }

    #[test]
    fn every_webhook_goes_to_exactly_whom_the_rules_name(mut stage in stages(), acts in acts()) {
        for act in &acts {
            let before = stage.owner();
            let Seen { done, deliveries } = stage.carry_out(act);
            let after = stage.owner();
            let audience = stage.audience();

            if !done {
                prop_assert!(deliveries.is_empty(), "{act:?} was refused and yet {deliveries:?}");
                prop_assert_eq!(&before, &after, "a refusal changes nothing");
            }

            // Whatever is part of the conversation goes once to everybody, on their channel.
            for kind in ["message", "postback", "echo", "delivery", "read"] {
                let told = of_kind(&deliveries, &[kind]);
                let told: Vec<_> = told.into_iter().map(|(app, channel, _)| (app, channel)).collect();
                prop_assert!(told.is_empty() || told == audience, "{kind}: {told:?}, not {audience:?}");
            }
            let expected_kinds: &[&str] = match act {
                Act::Say => &["message"],
                Act::GetStarted => &["postback"],
                Act::Send(..) | Act::SendAsHuman(_) | Act::InboxReply => &["echo", "delivery"],
                _ => &[],
            };
            if done {
                for kind in expected_kinds {
                    prop_assert_eq!(of_kind(&deliveries, &[kind]).len(), audience.len());
                }
            }

            // A handover is told to one app, which depends on what happened and not on the channel.
            let inbox_passes = match &after {
                Some(owner) => stage.handover(owner, "pass_thread_control"),
                None => Vec::new(),
            };
            let lost = |kind: &str| match &before {
                Some(owner) if before != after => stage.handover(owner, kind),
                _ => Vec::new(),
            };
            let expected = match act {
                _ if !done => Vec::new(),
                Act::Pass(..) | Act::InboxDone | Act::Send(_, Some(Some(_))) => inbox_passes,
                Act::Request(_) | Act::InboxRequest if before.is_none() => inbox_passes,
                Act::Request(_) | Act::InboxRequest => {
                    stage.handover(before.as_ref().unwrap(), "request_thread_control")
                }
                Act::Take(_) | Act::InboxTake | Act::InboxReply | Act::SendAsHuman(_) => {
                    lost("take_thread_control")
                }
                _ => Vec::new(),
            };
            prop_assert_eq!(of_kind(&deliveries, &HANDOVERS), expected, "{:?}", act);
        }
    }

    #[test]
    fn the_same_acts_have_the_same_consequences(stage in stages(), acts in acts()) {
        let (mut one, mut other) = (stage.clone(), stage);
        for act in &acts {
            prop_assert_eq!(one.carry_out(act).deliveries, other.carry_out(act).deliveries);
        }
        prop_assert_eq!(one.platform.threads(), other.platform.threads());
    }
}
