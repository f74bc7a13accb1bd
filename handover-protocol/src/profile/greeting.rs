//! Greeting before a conversation.

use super::MESSENGER_PROFILE;
use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked};

wire_object! {
    /// The button Get Started.
    ///
    /// ```json
    /// {"payload":"GET_STARTED"}
    /// ```
    pub struct GetStarted {
        /// Payload of the button.
        pub payload: String => always,
    }
}

impl GetStarted {
    /// The button, with this payload.
    pub fn new(payload: impl Into<String>) -> Self {
        Self {
            payload: payload.into(),
            ..Self::default()
        }
    }
}

wire_object! {
    /// Greeting before a conversation, in one locale.
    ///
    /// ```json
    /// {"locale":"default","text":"Hi {{user_first_name}}"}
    /// ```
    pub struct Greeting {
        /// The locale, such as `en_US`, or `default`.
        pub locale: String => always,
        /// The words; `{{user_first_name}}`, `{{user_last_name}}` and `{{user_full_name}}` are
        /// replaced.
        pub text: String => always,
    }
}

impl Greeting {
    /// The greeting for all locales that have none.
    pub fn new(text: impl Into<String>) -> Self {
        Self::in_locale("default", text)
    }

    /// The greeting for a locale, such as `en_US`.
    pub fn in_locale(locale: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            locale: locale.into(),
            text: text.into(),
            ..Self::default()
        }
    }
}

checked!(Greeting: |greeting| {
    Limit::GreetingText
        .characters("text", &greeting.text)
        .map_err(|exceeded| exceeded.of_call(MESSENGER_PROFILE))
});
