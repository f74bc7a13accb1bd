//! Stickers that can be sent.

use crate::lenient::wire_object;

wire_object! {
    /// A sticker: a row of `GET /sticker_packs/{id}/stickers` and of `GET /sticker_search?q=…`. Meta
    /// documents its id only.
    ///
    /// ```json
    /// {"id":"369239263222822"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{OutgoingMessage, Sticker};
    ///
    /// let thumb: Sticker = serde_json::from_str(r#"{"id":"369239263222822"}"#)?;
    /// let message = OutgoingMessage { sticker_id: thumb.number(), ..Default::default() };
    /// assert_eq!(message.sticker_id, Some(369239263222822));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Sticker {
        /// The sticker.
        pub id: Option<String>,
    }
}

impl Sticker {
    /// The id as a number, as the Send API takes it.
    pub fn number(&self) -> Option<u64> {
        self.id.as_deref()?.parse().ok()
    }
}

wire_object! {
    /// A pack of stickers: a row of `GET /sticker_packs`. Meta documents its id only.
    ///
    /// ```json
    /// {"id":"1"}
    /// ```
    pub struct StickerPack {
        /// The pack.
        pub id: Option<String>,
    }
}
