//! Pictures and films with buttons.

use super::Button;
use crate::builder::setters;
use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked, each};

wire_object! {
    /// A picture or film with buttons.
    ///
    /// ```json
    /// {"elements":[{"media_type":"image","attachment_id":"1857777774821032",
    ///  "buttons":[{"type":"postback","title":"Buy","payload":"BUY"}]}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Button, MediaElement, MediaTemplate};
    ///
    /// let film = MediaElement::by_id("video", "1857777774821032");
    /// let template = MediaTemplate::new(film.button(Button::postback("Buy", "BUY")));
    /// assert!(template.check().is_ok());
    /// ```
    ///
    /// Limit: [`MEDIA_ELEMENTS`](crate::limits::MEDIA_ELEMENTS).
    pub struct MediaTemplate {
        /// Exactly one.
        pub elements: Vec<MediaElement> => always,
        /// Whether people may share it.
        pub sharable: Option<bool>,
    }
}

wire_object! {
    /// The picture or film of a [`MediaTemplate`].
    ///
    /// ```json
    /// {"media_type":"video","url":"https://www.facebook.com/hats/videos/1"}
    /// ```
    ///
    /// Limit: [`BUTTONS`](crate::limits::BUTTONS).
    pub struct MediaElement {
        /// `image` or `video`.
        pub media_type: String => always,
        /// An attachment that the platform has kept.
        pub attachment_id: Option<String>,
        /// A picture or film on Facebook.
        pub url: Option<String>,
        /// Up to three buttons.
        pub buttons: Vec<Button>,
    }
}

impl MediaTemplate {
    /// This picture or film.
    pub fn new(element: MediaElement) -> Self {
        Self {
            elements: vec![element],
            ..Self::default()
        }
    }
}

setters! {
    MediaTemplate {
        sharable: bool,
    }
}

impl MediaElement {
    /// An attachment that the platform has kept; `media_type` is `image` or `video`.
    pub fn by_id(media_type: impl Into<String>, attachment_id: impl Into<String>) -> Self {
        Self {
            media_type: media_type.into(),
            attachment_id: Some(attachment_id.into()),
            ..Self::default()
        }
    }

    /// A picture or film on Facebook; `media_type` is `image` or `video`.
    pub fn by_url(media_type: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            media_type: media_type.into(),
            url: Some(url.into()),
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

checked!(MediaTemplate: |template| {
    Limit::MediaElements.count("elements", &template.elements)?;
    each("elements", &template.elements, MediaElement::check)
});

checked!(MediaElement: |element| {
    Limit::ElementButtons.count("buttons", &element.buttons)?;
    each("buttons", &element.buttons, Button::check)
});
