//! Cards side by side.

use super::Button;
use crate::builder::setters;
use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked, each, present};

wire_object! {
    /// Cards side by side.
    ///
    /// ```json
    /// {"elements":[{"title":"Hat","subtitle":"$40","image_url":"https://example.com/hat.png",
    ///  "buttons":[{"type":"postback","title":"Buy","payload":"BUY"}]}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Button, Element, GenericTemplate};
    ///
    /// let hats = ["Red hat", "Blue hat"].map(|name| {
    ///     Element::new(name).subtitle("$40").button(Button::postback("Buy", name))
    /// });
    /// assert!(GenericTemplate::new(hats).check().is_ok());
    /// ```
    ///
    /// Limit: [`ELEMENTS`](crate::limits::ELEMENTS).
    pub struct GenericTemplate {
        /// One to ten cards.
        pub elements: Vec<Element> => always,
        /// Whether people may share it.
        pub sharable: Option<bool>,
        /// Aspect ratio of pictures: `horizontal` or `square`.
        pub image_aspect_ratio: Option<String>,
    }
}

wire_object! {
    /// A card.
    ///
    /// ```json
    /// {"title":"Hat","subtitle":"$40","image_url":"https://example.com/hat.png",
    ///  "default_action":{"type":"web_url","url":"https://example.com/hat"},
    ///  "buttons":[{"type":"postback","title":"Buy","payload":"BUY"}]}
    /// ```
    ///
    /// Limits: [`ELEMENT_TITLE`](crate::limits::ELEMENT_TITLE),
    /// [`ELEMENT_SUBTITLE`](crate::limits::ELEMENT_SUBTITLE), [`BUTTONS`](crate::limits::BUTTONS); a
    /// card has more than a title.
    pub struct Element {
        /// The title.
        pub title: String => always,
        /// Subtitle.
        pub subtitle: Option<String>,
        /// A picture.
        pub image_url: Option<String>,
        /// Action of a tap on the card: see [`Button::action`].
        pub default_action: Option<Button>,
        /// Up to three buttons.
        pub buttons: Vec<Button>,
    }
}

impl GenericTemplate {
    /// These cards.
    pub fn new(elements: impl IntoIterator<Item = Element>) -> Self {
        Self {
            elements: elements.into_iter().collect(),
            ..Self::default()
        }
    }
}

setters! {
    GenericTemplate {
        sharable: bool,
        image_aspect_ratio: String,
    }
}

impl Element {
    /// A card with this title; it needs something more.
    pub fn new(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            ..Self::default()
        }
    }

    /// Adds a button.
    #[must_use]
    pub fn button(mut self, button: Button) -> Self {
        self.buttons.push(button);
        self
    }
}

setters! {
    Element {
        subtitle: String,
        image_url: String,
        default_action: Button,
    }
}

checked!(GenericTemplate: |template| {
    Limit::Elements.count("elements", &template.elements)?;
    each("elements", &template.elements, Element::check)
});

checked!(Element: |element| {
    Limit::ElementTitle.characters("title", &element.title)?;
    Limit::ElementSubtitle.characters("subtitle", &element.subtitle)?;
    Limit::ElementButtons.count("buttons", &element.buttons)?;
    let beside_title = present(&[
        element.subtitle.is_some(),
        element.image_url.is_some(),
        element.default_action.is_some(),
        !element.buttons.is_empty(),
    ]);
    Limit::ElementContent.check("content", beside_title)?;
    each("buttons", &element.buttons, Button::check)
});
