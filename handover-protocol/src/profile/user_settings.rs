//! The menu of one person.

use super::PersistentMenu;
use crate::PersonId;
use crate::lenient::{always, wire_object};
use crate::limit::{checked, each};

wire_object! {
    /// The body of `POST /{page}/custom_user_settings`: the menu of one person.
    ///
    /// ```json
    /// {"psid":"5794982867201265","persistent_menu":[{"locale":"default",
    ///  "call_to_actions":[{"type":"postback","title":"Log out","payload":"LOG_OUT"}]}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Button, PersistentMenu, UserSettings};
    ///
    /// let settings = UserSettings {
    ///     psid: "5794982867201265".into(),
    ///     persistent_menu: vec![PersistentMenu::new([Button::postback("Log out", "LOG_OUT")])],
    ///     ..Default::default()
    /// };
    /// assert!(settings.check().is_ok());
    /// ```
    pub struct UserSettings {
        /// The person.
        pub psid: PersonId => always,
        /// The menu, for each locale.
        pub persistent_menu: Vec<PersistentMenu>,
    }
}

wire_object! {
    /// The parameters of `DELETE /{page}/custom_user_settings`.
    ///
    /// ```json
    /// {"psid":"5794982867201265","params":["persistent_menu"]}
    /// ```
    pub struct DeleteUserSettings {
        /// The person.
        pub psid: PersonId => always,
        /// Fields to delete.
        pub params: Vec<String> => always,
    }
}

wire_object! {
    /// A row of the answer to `GET /{page}/custom_user_settings`, a [`Listing`](crate::Listing).
    ///
    /// ```json
    /// {"user_level_persistent_menu":[{"locale":"default","call_to_actions":
    ///  [{"type":"postback","title":"Log out","payload":"LOG_OUT"}]}]}
    /// ```
    pub struct UserSettingsRow {
        /// The menu of the person.
        pub user_level_persistent_menu: Vec<PersistentMenu>,
        /// The menu of everybody.
        pub page_level_persistent_menu: Vec<PersistentMenu>,
    }
}

checked!(UserSettings: |settings| {
    each("persistent_menu", &settings.persistent_menu, PersistentMenu::check)
        .map_err(|exceeded| exceeded.of_call("custom_user_settings"))
});
