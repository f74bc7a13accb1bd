//! Several pictures with buttons.

use super::Button;
use crate::builder::setters;
use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked, each};

wire_object! {
    /// Several pictures with buttons.
    ///
    /// ```json
    /// {"elements":[{"title":"Hats","images":[{"url":"https://example.com/1.png","is_hero_image":true},
    ///  {"url":"https://example.com/2.png","action":{"type":"postback","payload":"TWO","text":"Two"}}]}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{GridElement, GridImage, ImageGridTemplate};
    ///
    /// let hats = ["https://example.com/1.png", "https://example.com/2.png"].map(GridImage::new);
    /// assert!(ImageGridTemplate::new(GridElement::new(hats).title("Hats")).check().is_ok());
    /// ```
    ///
    /// Limit: [`GRID_ELEMENTS`](crate::limits::GRID_ELEMENTS).
    pub struct ImageGridTemplate {
        /// Exactly one.
        pub elements: Vec<GridElement> => always,
    }
}

wire_object! {
    /// The pictures of an [`ImageGridTemplate`], and what goes with them.
    ///
    /// ```json
    /// {"title":"Hats","subtitle":"$40","images":[{"url":"https://example.com/1.png"},
    ///  {"url":"https://example.com/2.png"}],"buttons":[{"type":"postback","title":"Buy","payload":"BUY"}]}
    /// ```
    ///
    /// Limits: [`GRID_TITLE`](crate::limits::GRID_TITLE), [`GRID_SUBTITLE`](crate::limits::GRID_SUBTITLE),
    /// [`GRID_IMAGES_LEAST`](crate::limits::GRID_IMAGES_LEAST), [`GRID_IMAGES`](crate::limits::GRID_IMAGES),
    /// [`BUTTONS`](crate::limits::BUTTONS).
    pub struct GridElement {
        /// The title.
        pub title: Option<String>,
        /// Subtitle.
        pub subtitle: Option<String>,
        /// Two to six pictures.
        pub images: Vec<GridImage> => always,
        /// Up to three buttons.
        pub buttons: Vec<Button>,
    }
}

wire_object! {
    /// A picture of an [`ImageGridTemplate`].
    ///
    /// ```json
    /// {"url":"https://example.com/1.png","is_hero_image":true,
    ///  "action":{"type":"web_url","url":"https://example.com/hat"}}
    /// ```
    pub struct GridImage {
        /// Address from which the platform downloads it.
        pub url: String => always,
        /// Whether it is the large one.
        pub is_hero_image: Option<bool>,
        /// Action of a tap on it.
        pub action: Option<GridAction>,
    }
}

wire_object! {
    /// Action of a tap on a picture.
    ///
    /// ```json
    /// {"type":"web_url","url":"https://example.com/hat"}
    /// ```
    /// ```json
    /// {"type":"postback","payload":"HAT","text":"Hat"}
    /// ```
    pub struct GridAction {
        /// `type`: `web_url` or `postback`.
        pub kind: String as "type" => always,
        /// Address that it opens.
        pub url: Option<String>,
        /// Payload.
        pub payload: Option<String>,
        /// Text of the person's message.
        pub text: Option<String>,
    }
}

impl ImageGridTemplate {
    /// These pictures.
    pub fn new(element: GridElement) -> Self {
        Self {
            elements: vec![element],
            ..Self::default()
        }
    }
}

impl GridElement {
    /// Two to six pictures.
    pub fn new(images: impl IntoIterator<Item = GridImage>) -> Self {
        Self {
            images: images.into_iter().collect(),
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
    GridElement {
        title: String,
        subtitle: String,
    }
}

impl GridImage {
    /// The picture at this address.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            ..Self::default()
        }
    }
}

setters! {
    GridImage {
        is_hero_image: bool,
        action: GridAction,
    }
}

impl GridAction {
    /// Opens a page.
    pub fn url(url: impl Into<String>) -> Self {
        Self {
            kind: "web_url".to_owned(),
            url: Some(url.into()),
            ..Self::default()
        }
    }

    /// Sends a payload to the bot, and these words into the thread.
    pub fn postback(text: impl Into<String>, payload: impl Into<String>) -> Self {
        Self {
            kind: "postback".to_owned(),
            payload: Some(payload.into()),
            text: Some(text.into()),
            ..Self::default()
        }
    }
}

checked!(ImageGridTemplate: |template| {
    Limit::GridElements.count("elements", &template.elements)?;
    each("elements", &template.elements, GridElement::check)
});

checked!(GridElement: |element| {
    Limit::GridTitle.characters("title", &element.title)?;
    Limit::GridSubtitle.characters("subtitle", &element.subtitle)?;
    Limit::GridImages.count("images", &element.images)?;
    Limit::ElementButtons.count("buttons", &element.buttons)?;
    each("buttons", &element.buttons, Button::check)
});
