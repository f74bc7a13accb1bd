//! Messenger Profile of an account.

mod command;
mod greeting;
mod ice_breaker;
mod menu;
mod user_settings;

pub use command::{Command, LocalizedCommands};
pub use greeting::{GetStarted, Greeting};
pub use ice_breaker::{IceBreaker, IceBreakerQuestion};
pub use menu::PersistentMenu;
pub use user_settings::{DeleteUserSettings, UserSettings, UserSettingsRow};

use crate::LimitExceeded;
use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked, each};

pub(crate) const MESSENGER_PROFILE: &str = "messenger_profile";

wire_object! {
    /// The Messenger Profile: the body of `POST /me/messenger_profile`, and a row of the answer to
    /// `GET /me/messenger_profile`, a [`Listing`](crate::Listing).
    ///
    /// ```json
    /// {"get_started":{"payload":"GET_STARTED"},
    ///  "greeting":[{"locale":"default","text":"Hi {{user_first_name}}"}],
    ///  "ice_breakers":[{"call_to_actions":[{"question":"Where are you?","payload":"WHERE"}],"locale":"default"}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{GetStarted, Greeting, MessengerProfile};
    ///
    /// let profile = MessengerProfile {
    ///     get_started: Some(GetStarted::new("GET_STARTED")),
    ///     greeting: vec![Greeting::new("Hi {{user_first_name}}")],
    ///     ..Default::default()
    /// };
    /// assert!(profile.check().is_ok());
    /// ```
    ///
    /// Limits: [`GET_STARTED_PAYLOAD`](crate::limits::GET_STARTED_PAYLOAD),
    /// [`GREETING_TEXT`](crate::limits::GREETING_TEXT), [`ICE_BREAKERS`](crate::limits::ICE_BREAKERS),
    /// [`MENU_ITEMS`](crate::limits::MENU_ITEMS), [`COMMANDS`](crate::limits::COMMANDS),
    /// [`WHITELISTED_DOMAINS`](crate::limits::WHITELISTED_DOMAINS).
    pub struct MessengerProfile {
        /// The button Get Started; the persistent menu needs it.
        pub get_started: Option<GetStarted>,
        /// Greeting before a conversation, for each locale.
        pub greeting: Vec<Greeting>,
        /// Questions to begin with.
        pub ice_breakers: Vec<IceBreaker>,
        /// The menu, for each locale.
        pub persistent_menu: Vec<PersistentMenu>,
        /// The commands, for each locale.
        pub commands: Vec<LocalizedCommands>,
        /// Domains whose pages may use the Messenger Extensions; `https` only.
        pub whitelisted_domains: Vec<String>,
        /// The login page for account linking.
        pub account_linking_url: Option<String>,
        /// `instagram` for an Instagram account, which has ice breakers and a menu only.
        pub platform: Option<String>,
        /// The description of the bot; can only be read.
        pub description: Option<String>,
        /// Whether European rules of privacy apply; can only be read.
        pub subject_to_new_eu_privacy_rules: Option<bool>,
    }
}

wire_object! {
    /// The body of `DELETE /me/messenger_profile`.
    ///
    /// ```json
    /// {"fields":["get_started"]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::DeleteProfile;
    ///
    /// let delete = DeleteProfile { fields: vec!["greeting".into()], ..Default::default() };
    /// assert_eq!(serde_json::to_string(&delete)?, r#"{"fields":["greeting"]}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct DeleteProfile {
        /// Fields to delete: keys of a [`MessengerProfile`].
        pub fields: Vec<String> => always,
        /// `instagram` for an Instagram account.
        pub platform: Option<String>,
    }
}

wire_object! {
    /// Response to changes of a profile, and to unlinking accounts.
    ///
    /// ```json
    /// {"result":"success"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::ResultText;
    ///
    /// let answer: ResultText = serde_json::from_str(r#"{"result":"success"}"#)?;
    /// assert_eq!(answer.result.as_deref(), Some("success"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ResultText {
        /// `success`, or a sentence that says so.
        pub result: Option<String>,
    }
}

checked!(MessengerProfile: |profile| {
    check(profile).map_err(|exceeded| exceeded.of_call(MESSENGER_PROFILE))
});

fn check(profile: &MessengerProfile) -> Result<(), LimitExceeded> {
    if let Some(get_started) = &profile.get_started {
        Limit::GetStartedPayload.characters("get_started.payload", &get_started.payload)?;
    }
    each("greeting", &profile.greeting, Greeting::check)?;
    ice_breaker::check(&profile.ice_breakers)?;
    each(
        "persistent_menu",
        &profile.persistent_menu,
        PersistentMenu::check,
    )?;
    each("commands", &profile.commands, LocalizedCommands::check)?;
    Limit::WhitelistedDomains.count("whitelisted_domains", &profile.whitelisted_domains)
}
