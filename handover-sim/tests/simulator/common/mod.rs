//! What several tests need.

pub(crate) mod bot;

use handover_protocol::{
    AppId, Channel, OutgoingMessage, PassThreadControlRequest, PersonId, Recipient, SendRequest,
    SendResponse, Timestamp,
};
use handover_sim::platform::{Account, Answer, App, Call, Connection, Delivery, Platform};

/// The default app.
pub(crate) const BOT: AppId = AppId::from_static("1517776481860111");
/// Another app of the Page.
pub(crate) const SHOP: AppId = AppId::from_static("2262510160704936");
/// The Page Inbox.
pub(crate) const INBOX: AppId = AppId::PAGE_INBOX;
/// The Page.
pub(crate) const PAGE: &str = "1744550565845823";

pub(crate) const MINUTE: i64 = 60 * 1000;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// The rules with one Page, two apps, one person, and a clock to be moved on by hand.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    pub(crate) platform: Platform,
    pub(crate) ana: PersonId,
    pub(crate) now: Timestamp,
}

impl Stage {
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

    pub(crate) fn with(account: Account, shop: Connection) -> Self {
        let mut platform = Platform::new(1);
        platform.connect(App::new(BOT, "Bot"));
        platform.connect(App::new(SHOP, "Shop"));
        platform.open(account);
        *platform.connection_mut(&PAGE.into(), &SHOP).unwrap() = shop;
        let ana = platform.meet(&PAGE.into(), "Ana");
        Self {
            platform,
            ana,
            now: Timestamp::from_secs(1_790_000_000),
        }
    }

    /// A routed stage on which Ana has written, so that the bot owns the thread.
    pub(crate) fn with_bot_as_owner() -> Self {
        let mut stage = Self::routed();
        stage.ana_says("hello");
        stage
    }

    /// A routed stage on which the bot has passed Ana's thread to the shop.
    pub(crate) fn with_shop_as_owner() -> Self {
        let mut stage = Self::with_bot_as_owner();
        stage.pass(&BOT, Some(&SHOP)).unwrap();
        stage
    }

    pub(crate) fn later(&mut self, millis: i64) -> &mut Self {
        self.now = Timestamp::from_millis(self.now.as_millis() + millis);
        self
    }

    pub(crate) fn owner(&self) -> Option<AppId> {
        self.platform
            .thread(&self.ana)
            .unwrap()
            .owner(self.now)
            .cloned()
    }

    pub(crate) fn expiration(&self) -> Option<Timestamp> {
        self.platform
            .thread(&self.ana)
            .unwrap()
            .expiration(self.now)
    }

    pub(crate) fn to_ana(&self) -> Recipient {
        Recipient::id(self.ana.clone())
    }

    /// Calls the Graph API as this app.
    pub(crate) fn call<T>(
        &mut self,
        app: &AppId,
        call: impl FnOnce(&mut Platform, &Call<'_>) -> Answer<T>,
    ) -> Answer<T> {
        let account = PAGE.into();
        let context = Call {
            app,
            account: &account,
            now: self.now,
        };
        call(&mut self.platform, &context)
    }

    pub(crate) fn ana_says(&mut self, text: &str) -> Vec<Delivery> {
        self.platform
            .say(&self.ana, text, self.now)
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

    pub(crate) fn send(&mut self, app: &AppId, request: &SendRequest) -> Answer<SendResponse> {
        self.call(app, |platform, call| platform.send(call, request))
    }

    pub(crate) fn pass(&mut self, app: &AppId, target: Option<&AppId>) -> Answer<()> {
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
}

/// Who got what, where: `(app, channel, kind of event)`.
pub(crate) fn told(deliveries: &[Delivery]) -> Vec<(AppId, Channel, String)> {
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
pub(crate) fn refused<T: std::fmt::Debug>(answer: Answer<T>) -> (i64, Option<i64>) {
    let refusal = answer.expect_err("the call should have been refused");
    (refusal.code, refusal.subcode)
}
