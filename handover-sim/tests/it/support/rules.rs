//! The rules with one Page, two apps, one person, and a clock to be moved on by hand.

#![allow(dead_code, reason = "every test binary uses another part of it")]

use handover_protocol::{
    AccountId, AppId, Channel, ExtendThreadControlRequest, OutgoingMessage,
    PassThreadControlRequest, PersonId, Recipient, ReleaseThreadControlRequest,
    RequestThreadControlRequest, SendRequest, SendResponse, SendThreadControl,
    TakeThreadControlRequest, Timestamp,
};
use handover_sim::platform::{
    Account, ActionError, App, Behavior, CallContext, Connection, GraphResult, HandoverKind,
    Platform, Step, Thread, WebhookDelivery,
};
use serde_json::Value;

/// The default app.
pub(crate) const BOT: AppId = AppId::from_static("1517776481860111");
/// Another app of the Page.
pub(crate) const SHOP: AppId = AppId::from_static("2262510160704936");
/// The Page Inbox.
pub(crate) const INBOX: AppId = AppId::PAGE_INBOX;
/// The inbox of Instagram.
pub(crate) const INSTAGRAM_INBOX: AppId = AppId::INSTAGRAM_INBOX;
/// The Page.
pub(crate) const PAGE: &str = "1744550565845823";
/// The Instagram account that is linked to the Page.
pub(crate) const INSTAGRAM: &str = "17841405822304914";

pub(crate) const MINUTE: i64 = 60 * 1000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A platform with an account and a person, Ana.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) platform: Platform,
    pub(crate) ana: PersonId,
    pub(crate) now: Timestamp,
}

impl Rules {
    /// Conversation routing is on, with the bot as default app.
    pub(crate) fn routed() -> Self {
        Self::with(
            Account::page(PAGE, "Kaffeehaus").default_app(BOT),
            Connection::new(SHOP),
        )
    }

    /// There is no default app.
    pub(crate) fn zero_config() -> Self {
        Self::with(Account::page(PAGE, "Kaffeehaus"), Connection::new(SHOP))
    }

    /// The only account is an Instagram account with the bot as default app.
    pub(crate) fn instagram() -> Self {
        Self::on(Account::instagram(INSTAGRAM, "kaffeehaus", PAGE).default_app(BOT))
    }

    pub(crate) fn on(account: Account) -> Self {
        Self::with(account, Connection::new(SHOP))
    }

    pub(crate) fn with(account: Account, shop: Connection) -> Self {
        let mut platform = Platform::new(1);
        platform.connect(App::new(BOT, "Bot"));
        platform.connect(App::new(SHOP, "Shop"));
        let id = account.id.clone();
        platform.add_account(account);
        *platform.connection_mut(&id, &SHOP).unwrap() = shop;
        let ana = platform.add_person(&id, "Ana");
        Self {
            platform,
            ana,
            now: Timestamp::from_secs(1_790_000_000),
        }
    }

    /// A routed rules on which Ana has written, so that the bot owns the thread.
    pub(crate) fn with_bot_as_owner() -> Self {
        let mut rules = Self::routed();
        rules.ana_says("hello");
        rules
    }

    /// A routed rules on which the bot has passed Ana's thread to the shop.
    pub(crate) fn with_shop_as_owner() -> Self {
        let mut rules = Self::with_bot_as_owner();
        rules.pass(&BOT, Some(&SHOP)).unwrap();
        rules
    }

    /// The same rules, where something else is done than usual.
    pub(crate) fn with_behavior(mut self, behavior: Behavior) -> Self {
        self.platform.set_behavior(behavior);
        self
    }

    pub(crate) fn later(&mut self, millis: i64) -> &mut Self {
        self.now = Timestamp::from_millis(self.now.as_millis() + millis);
        self
    }

    pub(crate) fn thread(&self) -> &Thread {
        self.platform.thread(&self.ana).unwrap()
    }

    pub(crate) fn account(&self) -> AccountId {
        self.thread().account.clone()
    }

    pub(crate) fn connection(&mut self, app: &AppId) -> &mut Connection {
        let account = self.account();
        self.platform.connection_mut(&account, app).unwrap()
    }

    pub(crate) fn owner(&self) -> Option<AppId> {
        self.thread().owner(self.now).cloned()
    }

    pub(crate) fn expiration(&self) -> Option<Timestamp> {
        self.thread().expiration(self.now)
    }

    /// So many milliseconds from now.
    pub(crate) fn ahead(&self, millis: i64) -> Timestamp {
        Timestamp::from_millis(self.now.as_millis() + millis)
    }

    /// The changes of control so far.
    pub(crate) fn handovers(&self) -> Vec<HandoverKind> {
        self.thread().handovers().map(|one| one.kind).collect()
    }

    pub(crate) fn to_ana(&self) -> Recipient {
        Recipient::id(self.ana.clone())
    }

    /// Calls the Graph API as this app.
    pub(crate) fn call<T>(
        &mut self,
        app: &AppId,
        call: impl FnOnce(&mut Platform, &CallContext<'_>) -> GraphResult<T>,
    ) -> GraphResult<T> {
        let account = self.platform.accounts()[0].graph_id().clone();
        let context = CallContext {
            app,
            account: &account,
            now: self.now,
        };
        call(&mut self.platform, &context)
    }

    /// Somebody at a phone or in the inbox does something with Ana's thread, now.
    pub(crate) fn act<T>(
        &mut self,
        act: impl FnOnce(&mut Platform, &PersonId, Timestamp) -> Result<Step<T>, ActionError>,
    ) -> Result<Step<T>, ActionError> {
        act(&mut self.platform, &self.ana, self.now)
    }

    pub(crate) fn ana_says(&mut self, text: &str) -> Vec<WebhookDelivery> {
        self.act(|platform, ana, now| platform.say(ana, text, now))
            .unwrap()
            .deliveries
    }

    pub(crate) fn text(&self, text: &str) -> SendRequest {
        SendRequest {
            recipient: self.to_ana(),
            message: Some(OutgoingMessage::text(text)),
            ..SendRequest::default()
        }
    }

    pub(crate) fn send(&mut self, app: &AppId, request: &SendRequest) -> GraphResult<SendResponse> {
        self.call(app, |platform, call| platform.send(call, request))
    }

    /// The app says something; the error is code and subcode.
    pub(crate) fn says(&mut self, app: &AppId, text: &str) -> Result<(), (i64, Option<i64>)> {
        let request = self.text(text);
        let answer = self.send(app, &request);
        answer
            .map(|_| ())
            .map_err(|refusal| (refusal.code, refusal.subcode))
    }

    /// The app says something with a `thread_control` that passes, or releases if to nobody.
    pub(crate) fn says_and_passes(
        &mut self,
        app: &AppId,
        to: Option<&AppId>,
    ) -> GraphResult<SendResponse> {
        use handover_protocol::ControlType::{Pass, Release};
        let request = SendRequest {
            thread_control: Some(SendThreadControl {
                control_type: Some(if to.is_some() { Pass } else { Release }),
                app_id: to.cloned(),
                ..SendThreadControl::default()
            }),
            ..self.text("goodbye")
        };
        self.send(app, &request)
    }

    pub(crate) fn says_as_human(&mut self, app: &AppId) -> GraphResult<SendResponse> {
        let request = SendRequest {
            tag: Some("HUMAN_AGENT".into()),
            ..self.text("this is Ben")
        };
        self.send(app, &request)
    }

    pub(crate) fn pass(&mut self, app: &AppId, target: Option<&AppId>) -> GraphResult<()> {
        let request = PassThreadControlRequest {
            recipient: self.to_ana(),
            target_app_id: target.cloned(),
            metadata: Some("note".to_owned()),
            ..PassThreadControlRequest::default()
        };
        self.call(app, |platform, call| {
            platform.pass_thread_control(call, &request)
        })
    }

    pub(crate) fn take(&mut self, app: &AppId) -> GraphResult<()> {
        let request = TakeThreadControlRequest {
            recipient: self.to_ana(),
            metadata: Some("mine".to_owned()),
            ..TakeThreadControlRequest::default()
        };
        self.call(app, |platform, call| {
            platform.take_thread_control(call, &request)
        })
    }

    pub(crate) fn request(&mut self, app: &AppId) -> GraphResult<()> {
        let request = RequestThreadControlRequest {
            recipient: self.to_ana(),
            metadata: Some("please".to_owned()),
            ..RequestThreadControlRequest::default()
        };
        self.call(app, |platform, call| {
            platform.request_thread_control(call, &request)
        })
    }

    pub(crate) fn release(&mut self, app: &AppId) -> GraphResult<()> {
        let request = ReleaseThreadControlRequest {
            recipient: self.to_ana(),
            ..ReleaseThreadControlRequest::default()
        };
        self.call(app, |platform, call| {
            platform.release_thread_control(call, &request)
        })
    }

    pub(crate) fn extend(&mut self, app: &AppId, duration: Option<u64>) -> GraphResult<()> {
        let request = ExtendThreadControlRequest {
            recipient: self.to_ana(),
            duration,
            ..ExtendThreadControlRequest::default()
        };
        self.call(app, |platform, call| {
            platform.extend_thread_control(call, &request)
        })
    }

    /// What `thread_owner` shows: nothing, or who (if shown) and until when in seconds.
    pub(crate) fn shown_to(&mut self, app: &AppId) -> Option<(Option<AppId>, Option<u64>)> {
        let ana = self.ana.clone();
        let owners = self.call(app, |platform, call| platform.thread_owner(call, &ana));
        let row = owners.unwrap().value.data.into_iter().next()?.thread_owner;
        Some((row.app_id, row.expiration))
    }
}

/// An event as it is on the wire.
pub(crate) fn item(delivery: &WebhookDelivery) -> Value {
    serde_json::to_value(&delivery.event).unwrap()
}

/// Who got what, where: `(app, channel, kind of event)`.
pub(crate) fn delivered(deliveries: &[WebhookDelivery]) -> Vec<(AppId, Channel, String)> {
    deliveries
        .iter()
        .map(|one| {
            (
                one.app.clone(),
                one.channel,
                one.event.body.kind().to_owned(),
            )
        })
        .collect()
}

/// The same to compare with.
pub(crate) fn tells<const N: usize>(
    list: [(AppId, Channel, &str); N],
) -> Vec<(AppId, Channel, String)> {
    list.into_iter()
        .map(|(app, channel, kind)| (app, channel, kind.to_owned()))
        .collect()
}

/// Code and subcode of a refusal.
pub(crate) fn refused<T: std::fmt::Debug>(answer: GraphResult<T>) -> (i64, Option<i64>) {
    let refusal = answer.expect_err("the call should have been refused");
    (refusal.code, refusal.subcode)
}
