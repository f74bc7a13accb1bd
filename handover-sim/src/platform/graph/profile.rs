//! Messenger profile: greeting, menu, ice breakers and more.

use std::borrow::Cow;

use handover_protocol::AccountId;
use serde_json::{Map, Value, json};

use super::super::parameter::Parameter;
use super::super::{CallContext, GraphResult, Platform, Product, Refusal};
use super::{Parameters, quiet};

/// Maximum length of a payload (Messenger profile).
const PAYLOAD: usize = 1000;

/// Maximum length of a greeting (Messenger profile, greeting).
const GREETING: usize = 160;

/// Maximum number of ice breakers (ice breakers).
const ICE_BREAKERS: usize = 4;

/// Maximum number of items of a menu (persistent menu).
const MENU_ITEMS: usize = 20;

/// Maximum length of the title of a menu item (persistent menu).
const MENU_TITLE: usize = 30;

/// Maximum number of commands in a language (commands).
const COMMANDS: usize = 100;

/// Maximum length of the name and the description of a command (commands).
const COMMAND_NAME: usize = 32;
const COMMAND_DESCRIPTION: usize = 64;

/// Maximum number of whitelisted domains (whitelisted domains).
const DOMAINS: usize = 50;

/// Properties except `get_started`, which belongs to the account.
pub(crate) type ProfileFields = Map<String, Value>;

const GET_STARTED: &str = "get_started";

const OF_MESSENGER: [&str; 7] = [
    GET_STARTED,
    "greeting",
    "ice_breakers",
    "persistent_menu",
    "commands",
    "whitelisted_domains",
    "account_linking_url",
];

const OF_INSTAGRAM: [&str; 2] = ["ice_breakers", "persistent_menu"];

impl Platform {
    /// `GET /{page-id}/messenger_profile?fields=…`: returns the requested properties that are set.
    pub fn profile(&self, call: &CallContext<'_>, parameters: &Parameters) -> GraphResult<Value> {
        let (account, product) = self.profiled(call, parameters)?;
        let asked = Parameter::new("fields", parameters.get("fields"));
        let names = names(&asked, product)?;
        if names.is_empty() {
            return Err(asked.missing());
        }
        let mut shown = Map::new();
        for name in names {
            if let Some(value) = self.property(&account, name) {
                shown.insert(name.to_owned(), value);
            }
        }
        let data = if shown.is_empty() {
            json!([])
        } else {
            json!([shown])
        };
        Ok(quiet(json!({ "data": data })))
    }

    /// `POST /{page-id}/messenger_profile`: sets properties.
    pub fn set_profile(
        &mut self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let (account, product) = self.profiled(call, parameters)?;
        let known = properties(product);
        let given: Vec<_> = known
            .iter()
            .filter(|name| parameters.get(**name).is_some_and(|value| !value.is_null()))
            .collect();
        if given.is_empty() {
            return Err(Refusal::parameter(format_args!(
                "Requires one of the params: {}",
                known.join(",")
            )));
        }
        for name in &given {
            check(name, &Parameter::new(**name, parameters.get(**name)))?;
        }
        let sets = |name| parameters.get(name).is_some_and(|value| !value.is_null());
        if product == Product::Messenger
            && sets("persistent_menu")
            && !sets(GET_STARTED)
            && self.property(&account, GET_STARTED).is_none()
        {
            return Err(Refusal::menu_without_get_started());
        }
        for name in given {
            let value = parameters.get(*name).cloned().unwrap_or_default();
            if *name == GET_STARTED {
                let payload = value
                    .get("payload")
                    .and_then(Value::as_str)
                    .map(str::to_owned);
                if let Some(account) = self.account_mut(&account) {
                    account.get_started = payload;
                }
            } else {
                let profile = self.records.profiles.entry(account.clone()).or_default();
                profile.insert((*name).to_owned(), value);
            }
        }
        Ok(result())
    }

    /// `DELETE /{page-id}/messenger_profile` with `fields`: removes properties. `get_started`
    /// cannot be removed while there is a persistent menu.
    pub fn delete_profile(
        &mut self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> GraphResult<Value> {
        let (account, product) = self.profiled(call, parameters)?;
        let asked = Parameter::new("fields", parameters.get("fields"));
        let names = names(&asked, product)?;
        if names.is_empty() {
            return Err(asked.missing());
        }
        let keeps_menu = self.property(&account, "persistent_menu").is_some()
            && !names.contains(&"persistent_menu");
        if names.contains(&GET_STARTED) && keeps_menu {
            return Err(Refusal::menu_without_get_started());
        }
        if names.contains(&GET_STARTED)
            && let Some(account) = self.account_mut(&account)
        {
            account.get_started = None;
        }
        if let Some(profile) = self.records.profiles.get_mut(&account) {
            profile.retain(|name, _| !names.contains(&name.as_str()));
        }
        Ok(result())
    }

    /// Returns a property of the profile, if it is set.
    pub(super) fn property(&self, account: &AccountId, name: &str) -> Option<Value> {
        if name == GET_STARTED {
            let payload = self.account(account)?.get_started.as_ref()?;
            return Some(json!({ "payload": payload }));
        }
        self.records.profiles.get(account)?.get(name).cloned()
    }

    /// Returns the account of the profile: the Page, or the linked Instagram account with
    /// `platform=instagram`.
    fn profiled(
        &self,
        call: &CallContext<'_>,
        parameters: &Parameters,
    ) -> Result<(AccountId, Product), Refusal> {
        let platform = Parameter::new("platform", parameters.get("platform"));
        let platform = platform.text()?.map(|text| text.to_ascii_lowercase());
        let account = match platform.as_deref() {
            None | Some("messenger") => self.account_of_call(call)?,
            Some("instagram") => {
                let linked = self.accounts().iter().find(|account| {
                    account.product == Product::Instagram
                        && (account.graph_id() == call.account || account.id == *call.account)
                });
                linked.ok_or_else(Refusal::not_linked)?
            }
            Some(_) => {
                let platform = Parameter::new("platform", parameters.get("platform"));
                return Err(platform.wrong("be one of {instagram, messenger}"));
            }
        };
        Ok((account.id.clone(), account.product))
    }
}

fn result() -> super::Step<Value> {
    quiet(json!({"result": "success"}))
}

fn properties(product: Product) -> &'static [&'static str] {
    match product {
        Product::Messenger => &OF_MESSENGER,
        Product::Instagram => &OF_INSTAGRAM,
    }
}

/// Reads the properties in `fields`, a list or text separated by commas. Meta's documentation
/// writes them in lower case, the API specification in upper case.
fn names(asked: &Parameter<'_>, product: Product) -> Result<Vec<&'static str>, Refusal> {
    let texts: Vec<String> = match asked.value() {
        Value::Array(_) => asked
            .list(0..=usize::MAX)?
            .iter()
            .map(|name| name.needed_text().map(Cow::into_owned))
            .collect::<Result<_, _>>()?,
        _ => {
            let text = asked.text()?.unwrap_or_default();
            text.split(',').map(|name| name.trim().to_owned()).collect()
        }
    };
    texts
        .iter()
        .filter(|name| !name.is_empty())
        .map(|name| {
            let mut known = properties(product).iter();
            let known = known.find(|known| known.eq_ignore_ascii_case(name));
            known.copied().ok_or_else(|| {
                asked.wrong(format_args!(
                    "be one of {{{}}}",
                    properties(product).join(", ")
                ))
            })
        })
        .collect()
}

fn check(name: &str, property: &Parameter<'_>) -> Result<(), Refusal> {
    match name {
        GET_STARTED => property.at("payload").words(PAYLOAD).map(drop),
        "greeting" => localized(property, |greeting| {
            greeting.at("text").words(GREETING).map(drop)
        }),
        "ice_breakers" => ice_breakers(property),
        "persistent_menu" => check_menu(property, 1),
        "commands" => localized(property, |language| {
            for command in language.at("commands").list(1..=COMMANDS)? {
                command.at("name").words(COMMAND_NAME)?;
                command.at("description").words(COMMAND_DESCRIPTION)?;
            }
            Ok(())
        }),
        "whitelisted_domains" => {
            for domain in property.list(1..=DOMAINS)? {
                let url = domain.needed_url()?;
                let qualified = url.domain().is_some_and(|name| name.contains('.'));
                if url.scheme() != "https" || !qualified {
                    return Err(domain.wrong("be an https address with a full domain name"));
                }
            }
            Ok(())
        }
        _ => property.needed_url().map(drop),
    }
}

/// Checks that there is one entry for each locale, including `default`.
fn localized(
    property: &Parameter<'_>,
    check: impl Fn(&Parameter<'_>) -> Result<(), Refusal>,
) -> Result<(), Refusal> {
    let mut seen = Vec::new();
    for entry in property.list(1..=usize::MAX)? {
        let locale = entry.at("locale").needed_text()?.into_owned();
        check(&entry)?;
        if seen.contains(&locale) {
            return Err(entry.at("locale").wrong("be there only once"));
        }
        seen.push(locale);
    }
    if seen.iter().any(|locale| locale == "default") {
        Ok(())
    } else {
        Err(property.wrong("contain the default locale"))
    }
}

/// Checks ice breakers: a list of questions (older form), or a list for each locale.
fn ice_breakers(property: &Parameter<'_>) -> Result<(), Refusal> {
    let entries = property.list(1..=usize::MAX)?;
    if entries
        .iter()
        .all(|entry| entry.at("call_to_actions").is_absent())
    {
        return questions(property);
    }
    localized(property, |language| {
        questions(&language.at("call_to_actions"))
    })
}

fn questions(list: &Parameter<'_>) -> Result<(), Refusal> {
    for question in list.list(1..=ICE_BREAKERS)? {
        question.at("question").words(usize::MAX)?;
        question.at("payload").words(PAYLOAD)?;
    }
    Ok(())
}

/// Checks a menu. `levels` is the maximum nesting.
pub(super) fn check_menu(property: &Parameter<'_>, levels: usize) -> Result<(), Refusal> {
    localized(property, |language| {
        language.at("composer_input_disabled").flag()?;
        let items = language.at("call_to_actions");
        if items.is_absent() && language.at("composer_input_disabled").flag()? == Some(true) {
            return Err(items.missing());
        }
        menu_items(&items, levels)
    })
}

fn menu_items(list: &Parameter<'_>, levels: usize) -> Result<(), Refusal> {
    for item in list.list(0..=MENU_ITEMS)? {
        item.at("title").words(MENU_TITLE)?;
        let kind = item.at("type");
        match kind.needed_text()?.as_ref() {
            "web_url" => drop(item.at("url").needed_url()?),
            "postback" => drop(item.at("payload").words(PAYLOAD)?),
            "nested" if levels > 1 => menu_items(&item.at("call_to_actions"), levels - 1)?,
            _ => return Err(kind.wrong("be one of {postback, web_url}")),
        }
    }
    Ok(())
}
