//! Texts with buttons.

use super::Button;
use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked, each};

wire_object! {
    /// A text with buttons.
    ///
    /// ```json
    /// {"text":"Hi!","buttons":[{"type":"postback","title":"Start","payload":"START"}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Button, ButtonTemplate};
    ///
    /// let hi = ButtonTemplate::new("Hi!", [Button::url("Shop", "https://example.com")]);
    /// assert!(hi.check().is_ok());
    /// ```
    ///
    /// Limits: [`BUTTON_TEMPLATE_TEXT`](crate::limits::BUTTON_TEMPLATE_TEXT),
    /// [`BUTTONS`](crate::limits::BUTTONS).
    pub struct ButtonTemplate {
        /// The words.
        pub text: String => always,
        /// One to three buttons.
        pub buttons: Vec<Button> => always,
    }
}

impl ButtonTemplate {
    /// A text with these buttons.
    pub fn new(text: impl Into<String>, buttons: impl IntoIterator<Item = Button>) -> Self {
        Self {
            text: text.into(),
            buttons: buttons.into_iter().collect(),
            ..Self::default()
        }
    }
}

checked!(ButtonTemplate: |template| {
    Limit::ButtonTemplateText.characters("text", &template.text)?;
    Limit::Buttons.count("buttons", &template.buttons)?;
    each("buttons", &template.buttons, Button::check)
});
