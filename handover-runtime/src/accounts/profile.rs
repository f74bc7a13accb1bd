use handover_protocol::{
    Button, GetStarted, Greeting, IceBreaker, IceBreakerQuestion, LimitExceeded, LocalizedCommands,
    MessengerProfile, Object, PersistentMenu,
};
use serde_json::Value;

/// Profile of an account: greeting, Get Started button, ice breakers, menu. See
/// [`Bot::profile`](crate::Bot::profile).
///
/// Texts apply to all languages; for several languages, use a [`MessengerProfile`].
///
/// ```
/// use handover_protocol::Button;
/// use handover_runtime::Profile;
///
/// let profile = Profile::new()
///     .get_started("GET_STARTED")
///     .greeting("Hi {{user_first_name}}, ask me anything.")
///     .ice_breakers([("When are you open?", "HOURS"), ("Where are you?", "WHERE")])
///     .persistent_menu([Button::postback("Talk to a person", "HUMAN")]);
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile(MessengerProfile);

impl Profile {
    /// Creates a profile that changes nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the payload of the button Get Started, which the persistent menu requires. Limit: 1000
    /// characters.
    #[must_use]
    pub fn get_started(mut self, payload: impl Into<String>) -> Self {
        self.0.get_started = Some(GetStarted::new(payload));
        self
    }

    /// Sets the greeting before a conversation. Limit: 160 characters.
    #[must_use]
    pub fn greeting(mut self, text: impl Into<String>) -> Self {
        self.0.greeting = vec![Greeting::new(text)];
        self
    }

    /// Sets the ice breakers, questions with payloads. Limit: 4.
    #[must_use]
    pub fn ice_breakers<Q: Into<String>, P: Into<String>>(
        mut self,
        questions: impl IntoIterator<Item = (Q, P)>,
    ) -> Self {
        let questions = questions.into_iter();
        let questions = questions.map(|(text, payload)| IceBreakerQuestion::new(text, payload));
        self.0.ice_breakers = vec![IceBreaker::new(questions)];
        self
    }

    /// Sets the persistent menu: postbacks and links. Limits: 20 items, 30 characters in a title.
    #[must_use]
    pub fn persistent_menu(mut self, items: impl IntoIterator<Item = Button>) -> Self {
        self.0.persistent_menu = vec![PersistentMenu::new(items)];
        self
    }

    /// Sets commands that people can type. Limits: 100 commands, 32 characters in a name, 64 in a
    /// description.
    #[must_use]
    pub fn commands(
        mut self,
        commands: impl IntoIterator<Item = handover_protocol::Command>,
    ) -> Self {
        self.0.commands = vec![LocalizedCommands::new(commands)];
        self
    }

    /// Sets the domains whose pages may use the Messenger Extensions; `https` only. Limit: 50.
    #[must_use]
    pub fn whitelisted_domains<D: Into<String>>(
        mut self,
        domains: impl IntoIterator<Item = D>,
    ) -> Self {
        self.0.whitelisted_domains = domains.into_iter().map(Into::into).collect();
        self
    }

    /// Sets the login page for account linking.
    #[must_use]
    pub fn account_linking_url(mut self, url: impl Into<String>) -> Self {
        self.0.account_linking_url = Some(url.into());
        self
    }

    pub(crate) fn check(&self) -> Result<(), LimitExceeded> {
        self.0.check()
    }

    /// Returns what has to be set for an account of this product with this current profile; `None` if
    /// nothing.
    pub(crate) fn missing_in(
        &self,
        now: &MessengerProfile,
        product: &Object,
    ) -> Option<MessengerProfile> {
        let mut missing = self.0.clone();
        if *product == Object::Instagram {
            missing = MessengerProfile {
                ice_breakers: missing.ice_breakers,
                persistent_menu: missing.persistent_menu,
                ..MessengerProfile::default()
            };
        }
        let (wanted, now) = (serde_json::to_value(&missing), serde_json::to_value(now));
        let (Ok(Value::Object(wanted)), Ok(now)) = (wanted, now) else {
            return Some(missing);
        };
        let differing = wanted
            .into_iter()
            .filter(|(property, value)| !holds(&now[property], value));
        let differing: serde_json::Map<_, _> = differing.collect();
        if differing.is_empty() {
            return None;
        }
        serde_json::from_value(Value::Object(differing)).ok()
    }
}

impl From<MessengerProfile> for Profile {
    fn from(profile: MessengerProfile) -> Self {
        Self(profile)
    }
}

/// Whether the values are equal, apart from the platform's additions and the order of locales.
fn holds(now: &Value, wanted: &Value) -> bool {
    match (now, wanted) {
        (Value::Object(now), Value::Object(wanted)) => wanted.iter().all(|(key, wanted)| {
            let is_default = matches!(wanted, Value::Bool(false));
            now.get(key).map_or(is_default, |now| holds(now, wanted))
        }),
        (Value::Array(now), Value::Array(wanted)) => {
            let counterpart = |at: usize, wanted: &Value| match wanted.get("locale") {
                Some(locale) => now.iter().find(|now| now.get("locale") == Some(locale)),
                None => now.get(at),
            };
            now.len() == wanted.len()
                && wanted.iter().enumerate().all(|(at, wanted)| {
                    counterpart(at, wanted).is_some_and(|now| holds(now, wanted))
                })
        }
        _ => now == wanted,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn profile(json: Value) -> MessengerProfile {
        serde_json::from_value(json).unwrap_or_default()
    }

    #[test]
    fn what_the_platform_adds_and_the_order_of_locales_are_no_difference() {
        let item = json!({"type": "postback", "title": "T", "payload": "P"});
        let wanted = Profile(profile(json!({
            "greeting": [{"locale": "default", "text": "Hi"}, {"locale": "de_DE", "text": "Hallo"}],
            "persistent_menu": [{"locale": "default", "call_to_actions": [item]}],
        })));
        let shown = |german: &str| {
            profile(json!({
                "greeting": [
                    {"locale": "de_DE", "text": german}, {"locale": "default", "text": "Hi"},
                ],
                "persistent_menu": [{
                    "locale": "default", "composer_input_disabled": false,
                    "call_to_actions": [
                        {"type": "postback", "title": "T", "payload": "P", "id": "1"},
                    ],
                }],
                "get_started": {"payload": "SET BY HAND"},
            }))
        };
        assert_eq!(wanted.missing_in(&shown("Hallo"), &Object::Page), None);
        let missing = wanted.missing_in(&shown("Servus"), &Object::Page);
        let greeting = wanted.0.greeting.clone();
        assert_eq!(
            missing,
            Some(MessengerProfile {
                greeting,
                ..Default::default()
            })
        );
    }
}
