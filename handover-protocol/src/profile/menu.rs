//! The menu beside the conversation.

use crate::lenient::wire_object;
use crate::limit::{Limit, checked, each};
use crate::{Button, LimitExceeded};

use super::MESSENGER_PROFILE;

wire_object! {
    /// The menu beside the conversation, for one locale.
    ///
    /// ```json
    /// {"locale":"default","composer_input_disabled":false,
    ///  "call_to_actions":[{"type":"postback","title":"Talk to a person","payload":"HUMAN"}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Button, PersistentMenu};
    ///
    /// let menu = PersistentMenu::new([Button::postback("Talk to a person", "HUMAN")]);
    /// assert!(menu.check().is_ok());
    /// ```
    ///
    /// Limits: [`MENU_ITEMS`](crate::limits::MENU_ITEMS),
    /// [`MENU_ITEM_TITLE`](crate::limits::MENU_ITEM_TITLE),
    /// [`MENU_ITEM_PAYLOAD`](crate::limits::MENU_ITEM_PAYLOAD).
    pub struct PersistentMenu {
        /// The locale, such as `en_US`, or `default`.
        pub locale: Option<String>,
        /// Whether the person can use the menu only.
        pub composer_input_disabled: Option<bool>,
        /// The items: `web_url` and `postback`.
        pub call_to_actions: Vec<Button>,
    }
}

impl PersistentMenu {
    /// The menu for all locales that have none.
    pub fn new(items: impl IntoIterator<Item = Button>) -> Self {
        Self {
            locale: Some("default".to_owned()),
            call_to_actions: items.into_iter().collect(),
            ..Self::default()
        }
    }
}

checked!(PersistentMenu: |menu| {
    check_items(&menu.call_to_actions).map_err(|exceeded| exceeded.of_call(MESSENGER_PROFILE))
});

fn check_items(items: &[Button]) -> Result<(), LimitExceeded> {
    Limit::MenuItems.count("call_to_actions", items)?;
    each("call_to_actions", items, |item| {
        Limit::MenuItemTitle.characters("title", &item.title)?;
        Limit::MenuItemPayload.characters("payload", &item.payload)?;
        check_items(&item.call_to_actions)
    })
}
