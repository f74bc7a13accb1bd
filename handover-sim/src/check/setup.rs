//! What a recording says of the settings of its accounts, and what has to be assumed.

use std::collections::{BTreeMap, BTreeSet};

use handover_protocol::{AccountId, AppId, EventBody, PersonId};
use serde_json::Value;

use super::steps::{CallStep, ReceivedItem, ReplayStep, StepContent};
use crate::platform::{Account, App, Behavior, Platform, Product, Routing, WebhookField};

/// Settings of the platform as far as a recording shows them.
pub(super) struct RecordedSetup {
    pub(super) bot: AppId,
    pub(super) accounts: Vec<RecordedAccount>,
    /// Other apps that are named somewhere.
    pub(super) others: BTreeSet<AppId>,
    /// Apps to which nothing can be passed.
    unknown: BTreeSet<AppId>,
    /// Fields of the app's own subscriptions.
    app_fields: BTreeMap<Product, BTreeSet<WebhookField>>,
    pub(super) persons: BTreeMap<PersonId, AccountId>,
    may_take: bool,
    human_agent: bool,
    has_standby: bool,
}

/// An account of a recording.
pub(super) struct RecordedAccount {
    pub(super) id: AccountId,
    pub(super) product: Product,
    pub(super) page: Option<AccountId>,
    fields: Option<BTreeSet<WebhookField>>,
    mode: Option<RoutingMode>,
    /// Whether the bot is the default app or the primary receiver.
    is_default: Option<bool>,
    /// Whether there seems to be neither. Pages with conversation routing may say so, too.
    has_no_default: bool,
}

/// Which routing an account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RoutingMode {
    Conversation,
    ZeroConfig,
    Legacy,
}

impl RecordedSetup {
    pub(super) fn of(bot: &AppId, steps: &[ReplayStep]) -> Self {
        let mut setup = Self {
            bot: bot.clone(),
            accounts: Vec::new(),
            others: BTreeSet::new(),
            unknown: BTreeSet::new(),
            app_fields: BTreeMap::new(),
            persons: BTreeMap::new(),
            may_take: true,
            human_agent: true,
            has_standby: false,
        };
        for step in steps {
            if let StepContent::Item(item) = &step.what {
                setup.note_item(item);
            }
        }
        for step in steps {
            if let StepContent::Call(call) = &step.what {
                setup.note_call(call);
            }
        }
        setup.others.remove(bot);
        for app in [AppId::PAGE_INBOX, AppId::INSTAGRAM_INBOX, AppId::LEADGEN] {
            setup.others.remove(&app);
        }
        let unknown = setup.unknown.clone();
        setup.others.retain(|app| !unknown.contains(app));
        setup
    }

    pub(super) fn account(&self, id: &AccountId) -> Option<&RecordedAccount> {
        self.accounts.iter().find(|account| account.id == *id)
    }

    /// Whether it is known what the app is subscribed to at this account.
    pub(super) fn knows_fields(&self, account: &AccountId) -> bool {
        let Some(account) = self.account(account) else {
            return false;
        };
        match account.product {
            Product::Messenger => account.fields.is_some(),
            Product::Instagram => self.app_fields.contains_key(&Product::Instagram),
        }
    }

    pub(super) fn has_standby(&self) -> bool {
        self.has_standby
    }

    /// The account in the path of a call.
    fn called(&self, call: &CallStep) -> Option<AccountId> {
        match (call.object.as_str(), &call.line.account) {
            ("me", Some(account)) => Some(account.clone()),
            ("me", None) => {
                let mut pages = self.accounts.iter();
                let page = pages.find(|account| account.product == Product::Messenger);
                page.map(|page| page.id.clone())
            }
            (object, _) => {
                let is_id =
                    !object.is_empty() && object.bytes().all(|digit| digit.is_ascii_digit());
                (is_id && *object != *self.bot.as_str()).then(|| object.into())
            }
        }
    }

    fn add_account(&mut self, id: &AccountId, product: Product) -> &mut RecordedAccount {
        let place = match self.accounts.iter().position(|known| known.id == *id) {
            Some(place) => place,
            None => {
                self.accounts.push(RecordedAccount {
                    id: id.clone(),
                    product,
                    page: None,
                    fields: None,
                    mode: None,
                    is_default: None,
                    has_no_default: false,
                });
                self.accounts.len() - 1
            }
        };
        &mut self.accounts[place]
    }

    fn note_item(&mut self, item: &ReceivedItem) {
        self.add_account(&item.account, item.product);
        self.has_standby |= item.channel == handover_protocol::Channel::Standby;
        if let Some(person) = &item.person {
            self.persons.insert(person.clone(), item.account.clone());
        }
        let named = match &item.event.body {
            EventBody::Echo(echo) => vec![&echo.app_id],
            EventBody::PassThreadControl(pass) => {
                vec![&pass.previous_owner_app_id, &pass.new_owner_app_id]
            }
            EventBody::TakeThreadControl(take) => {
                vec![&take.previous_owner_app_id, &take.new_owner_app_id]
            }
            EventBody::RequestThreadControl(request) => vec![&request.requested_owner_app_id],
            EventBody::AppRoles(roles) => {
                self.others.extend(roles.roles.keys().cloned());
                let account = self.add_account(&item.account, item.product);
                account.mode = Some(RoutingMode::Legacy);
                Vec::new()
            }
            _ => Vec::new(),
        };
        self.others.extend(named.into_iter().flatten().cloned());
    }

    fn note_call(&mut self, call: &CallStep) {
        let succeeded = call.succeeded();
        let answer = &call.line.answer;
        match (call.line.method.as_str(), call.edge.as_str()) {
            ("POST", "subscriptions") if succeeded == Some(true) => {
                let object = call.parameters.get("object").and_then(Value::as_str);
                let product = product_of(object.unwrap_or_default());
                let fields = fields(product, call.parameters.get("fields"));
                self.app_fields.insert(product, fields);
                return;
            }
            ("GET", "subscriptions") if succeeded == Some(true) => {
                for product in [Product::Messenger, Product::Instagram] {
                    self.app_fields.entry(product).or_default();
                }
                let rows = answer.get("data").and_then(Value::as_array);
                for row in rows.into_iter().flatten() {
                    let product = product_of(
                        row.get("object")
                            .and_then(Value::as_str)
                            .unwrap_or_default(),
                    );
                    self.app_fields
                        .insert(product, fields(product, row.get("fields")));
                }
                return;
            }
            _ => {}
        }
        let Some(called) = self.called(call) else {
            return;
        };
        let is_of_account = claims_account(&call.edge)
            || self.account(&called).is_some()
            || call.parameters.get("fields").is_some_and(asks_for_status);
        if !is_of_account {
            return;
        }
        self.note_thread_call(call, &called);
        let account = self.add_account(&called, Product::Messenger);
        match (call.line.method.as_str(), call.edge.as_str()) {
            ("GET", "secondary_receivers") => match (succeeded, call.error()) {
                (Some(true), _) => account.is_default = Some(true),
                (_, Some((_, Some(2_018_234)))) => account.is_default = Some(false),
                (_, Some((100, None))) => account.has_no_default = true,
                _ => {}
            },
            ("GET", "subscribed_apps") if succeeded == Some(true) => {
                let rows = answer.get("data").and_then(Value::as_array);
                let mut rows = rows.into_iter().flatten();
                let own = rows
                    .find(|row| row.get("id").and_then(Value::as_str) == Some(self.bot.as_str()));
                let listed = own.and_then(|own| own.get("subscribed_fields"));
                let account = self.add_account(&called, Product::Messenger);
                account.fields = Some(fields(Product::Messenger, listed));
            }
            ("POST", "subscribed_apps") if succeeded == Some(true) => {
                let listed = fields(Product::Messenger, call.parameters.get("subscribed_fields"));
                account.fields = Some(listed);
            }
            _ => {}
        }
        if let Some(status) = answer.get("messaging_feature_status") {
            self.note_status(&called, status);
        }
        if call.edge == "secondary_receivers" && succeeded == Some(true) {
            let rows = answer.get("data").and_then(Value::as_array);
            let ids = rows
                .into_iter()
                .flatten()
                .filter_map(|row| row.get("id")?.as_str());
            self.others.extend(ids.map(AppId::from));
        }
    }

    fn note_status(&mut self, page: &AccountId, status: &Value) {
        let is = |key: &str| status.get(key).and_then(Value::as_bool) == Some(true);
        let mode = |multi_app: &str| match (is(multi_app), is("hop_v2")) {
            (true, _) => RoutingMode::Conversation,
            (false, true) => RoutingMode::Legacy,
            (false, false) => RoutingMode::ZeroConfig,
        };
        let (messenger, instagram) = (mode("msgr_multi_app"), mode("ig_multi_app"));
        for account in &mut self.accounts {
            match account.product {
                Product::Messenger if account.id == *page => account.mode = Some(messenger),
                Product::Instagram if account.page.as_ref().is_none_or(|it| it == page) => {
                    account.mode = Some(instagram);
                }
                _ => {}
            }
        }
    }

    fn note_thread_call(&mut self, call: &CallStep, called: &AccountId) {
        let target = call.parameters.get("target_app_id");
        let target =
            target.map(|id| AppId::new(id.as_str().map_or_else(|| id.to_string(), str::to_owned)));
        match (call.edge.as_str(), call.error()) {
            ("pass_thread_control", Some((_, Some(2_018_164)))) => self.unknown.extend(target),
            ("pass_thread_control", _) => self.others.extend(target),
            ("take_thread_control", Some((27, _))) => self.may_take = false,
            ("messages", Some((10, None))) => {
                let tag = call.parameters.get("tag").and_then(Value::as_str);
                self.human_agent &= !tag.is_some_and(|tag| tag.eq_ignore_ascii_case("human_agent"));
            }
            _ => {}
        }
        let Some(person) = &call.person else {
            return;
        };
        match self.persons.get(person).cloned() {
            Some(account) => {
                if let Some(known) = self.accounts.iter_mut().find(|known| known.id == account)
                    && known.product == Product::Instagram
                    && known.id != *called
                {
                    known.page = Some(called.clone());
                }
            }
            None if call
                .error()
                .is_none_or(|(_, subcode)| !is_of_strangers(subcode)) =>
            {
                self.persons.insert(person.clone(), called.clone());
            }
            None => {}
        }
    }

    /// The routings that an account may have, the likeliest first.
    pub(super) fn routings(
        &self,
        account: &RecordedAccount,
        given: Option<RoutingMode>,
    ) -> Vec<Routing> {
        let inbox = account.product.inbox();
        let others = || std::iter::once(inbox.clone()).chain(self.others.iter().cloned());
        let bot = std::iter::once(self.bot.clone());
        let apps: Vec<_> = match account.is_default {
            Some(true) => bot.collect(),
            Some(false) => others().collect(),
            None => bot.chain(others()).collect(),
        };
        let conversation = || apps.iter().cloned().map(Routing::to);
        let legacy = || {
            let mut primaries: Vec<_> = apps.iter().cloned().map(Some).collect();
            match (account.has_no_default, account.is_default) {
                (true, _) => primaries.insert(0, None),
                (false, Some(true)) => {}
                (false, _) => primaries.push(None),
            }
            let primaries = primaries.into_iter();
            primaries.map(|primary| Routing::Legacy { primary })
        };
        match given.or(account.mode) {
            Some(RoutingMode::Conversation) => conversation().collect(),
            Some(RoutingMode::Legacy) => legacy().collect(),
            Some(RoutingMode::ZeroConfig) => vec![Routing::ZeroConfig],
            None if account.is_default == Some(true) => conversation().chain(legacy()).collect(),
            None => conversation()
                .chain([Routing::ZeroConfig])
                .chain(legacy())
                .collect(),
        }
    }

    /// The platform with these settings, and with nobody yet.
    pub(super) fn platform(
        &self,
        behavior: Behavior,
        routings: &BTreeMap<AccountId, Routing>,
    ) -> Platform {
        let mut platform = Platform::new(1);
        platform.set_behavior(behavior);
        platform.connect(App {
            human_agent: self.human_agent,
            page_fields: self.app_fields.get(&Product::Messenger).cloned(),
            instagram_fields: self.app_fields.get(&Product::Instagram).cloned(),
            ..App::new(self.bot.clone(), "Bot")
        });
        for app in &self.others {
            platform.connect(App::new(app.clone(), "App"));
        }
        for recorded in &self.accounts {
            let routing = routings.get(&recorded.id).cloned().unwrap_or_default();
            let mut account = Account::page(recorded.id.clone(), "account");
            account.product = recorded.product;
            account.page.clone_from(&recorded.page);
            platform.add_account(account.routing(routing));
            for app in &self.unknown {
                platform.disconnect(&recorded.id, app);
            }
            if let Some(connection) = platform.connection_mut(&recorded.id, &self.bot) {
                connection.fields.clone_from(&recorded.fields);
                connection.can_take = self.may_take;
            }
        }
        platform
    }
}

fn is_of_strangers(subcode: Option<i64>) -> bool {
    matches!(subcode, Some(2_018_001 | 2_534_014))
}

/// Whether a call of this edge has an account in its path.
fn claims_account(edge: &str) -> bool {
    edge.ends_with("_thread_control")
        || matches!(
            edge,
            "messages" | "thread_owner" | "secondary_receivers" | "subscribed_apps"
        )
}

fn asks_for_status(fields: &Value) -> bool {
    fields
        .as_str()
        .is_some_and(|fields| fields.contains("messaging_feature_status"))
}

fn product_of(object: &str) -> Product {
    match object {
        "instagram" => Product::Instagram,
        _ => Product::Messenger,
    }
}

/// Fields as a list of names, of objects with names, or separated by commas.
fn fields(product: Product, listed: Option<&Value>) -> BTreeSet<WebhookField> {
    let names: Vec<&str> = match listed {
        Some(Value::String(text)) => text.split(',').map(str::trim).collect(),
        Some(Value::Array(list)) => list.iter().filter_map(field_name).collect(),
        _ => Vec::new(),
    };
    let named = names
        .into_iter()
        .filter_map(|name| WebhookField::named(product, name));
    named.collect()
}

fn field_name(field: &Value) -> Option<&str> {
    field.get("name").unwrap_or(field).as_str()
}
