//! Buttons.

use crate::builder::setters;
use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked};

wire_object! {
    /// A button of a template, or an item of a menu.
    ///
    /// ```json
    /// {"type":"web_url","title":"Shop","url":"https://example.com","webview_height_ratio":"tall"}
    /// ```
    /// ```json
    /// {"type":"postback","title":"Start","payload":"START"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Button;
    ///
    /// assert_eq!(
    ///     serde_json::to_string(&Button::postback("Start", "START"))?,
    ///     r#"{"type":"postback","title":"Start","payload":"START"}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// Limits: [`BUTTON_TITLE`](crate::limits::BUTTON_TITLE),
    /// [`BUTTON_PAYLOAD`](crate::limits::BUTTON_PAYLOAD).
    pub struct Button {
        /// `type`: `web_url`, `postback`, `phone_number`, `account_link`, `account_unlink`,
        /// `game_play`, `audio_call`; `nested` in a menu.
        pub kind: String as "type" => always,
        /// Title.
        pub title: Option<String>,
        /// Address that it opens.
        pub url: Option<String>,
        /// Payload; a phone number with its country code for `phone_number`.
        pub payload: Option<String>,
        /// Height of the page that opens: `compact`, `tall` or `full`.
        pub webview_height_ratio: Option<String>,
        /// Whether the page uses the Messenger Extensions.
        pub messenger_extensions: Option<bool>,
        /// Address that it opens without the Messenger Extensions.
        pub fallback_url: Option<String>,
        /// `hide` if the page must not be shared.
        pub webview_share_button: Option<String>,
        /// Opponent in a game.
        pub game_metadata: Option<GameMetadata>,
        /// The items of a `nested` one.
        pub call_to_actions: Vec<Button>,
    }
}

wire_object! {
    /// Opponent in a game.
    ///
    /// ```json
    /// {"player_id":"P"}
    /// ```
    pub struct GameMetadata {
        /// Against this player.
        pub player_id: Option<String>,
        /// In this thread or group.
        pub context_id: Option<String>,
    }
}

impl Button {
    fn new(kind: &str, title: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            title: Some(title.into()),
            ..Self::default()
        }
    }

    /// A button that opens a page.
    pub fn url(title: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            url: Some(url.into()),
            ..Self::new("web_url", title)
        }
    }

    /// Action of a tap on an element: a button without a title.
    pub fn action(url: impl Into<String>) -> Self {
        Self {
            title: None,
            ..Self::url("", url)
        }
    }

    /// A button that sends a payload to the bot.
    pub fn postback(title: impl Into<String>, payload: impl Into<String>) -> Self {
        Self {
            payload: Some(payload.into()),
            ..Self::new("postback", title)
        }
    }

    /// A button that dials a number, written with its country code: `+12125552368`.
    pub fn phone_number(title: impl Into<String>, number: impl Into<String>) -> Self {
        Self {
            payload: Some(number.into()),
            ..Self::new("phone_number", title)
        }
    }

    /// A button that links an account of the business, by the login page at this address.
    pub fn account_link(url: impl Into<String>) -> Self {
        Self {
            kind: "account_link".to_owned(),
            ..Self::action(url)
        }
    }

    /// A button that unlinks the account of the business.
    pub fn account_unlink() -> Self {
        Self {
            kind: "account_unlink".to_owned(),
            ..Self::default()
        }
    }

    /// A button that opens an Instant Game.
    pub fn game_play(title: impl Into<String>, payload: impl Into<String>) -> Self {
        Self {
            payload: Some(payload.into()),
            ..Self::new("game_play", title)
        }
    }

    /// A button that calls the business by voice.
    pub fn audio_call(title: impl Into<String>) -> Self {
        Self::new("audio_call", title)
    }
}

setters! {
    Button {
        webview_height_ratio: String,
        messenger_extensions: bool,
        fallback_url: String,
        webview_share_button: String,
        game_metadata: GameMetadata,
    }
}

checked!(Button: |button| {
    Limit::ButtonTitle.characters("title", &button.title)?;
    Limit::ButtonPayload.characters("payload", &button.payload)
});
