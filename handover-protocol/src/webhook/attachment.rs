//! What came with a message.

use crate::lenient::wire_object;

wire_object! {
    /// Something that came with a message.
    ///
    /// ```json
    /// {"type":"image","payload":{"url":"https://cdn.example/1.jpg"}}
    /// ```
    /// ```json
    /// {"type":"fallback","title":"Shared","url":"https://x.example","payload":null}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Attachment;
    ///
    /// let thumb: Attachment = serde_json::from_str(
    ///     r#"{"type":"sticker","payload":{"sticker_id":369239263222822}}"#,
    /// )?;
    /// assert_eq!(thumb.kind, "sticker");
    /// assert_eq!(thumb.payload.unwrap().sticker_id, Some(369239263222822));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Attachment {
        /// `type`: `image`, `audio`, `video`, `file`, `sticker`, `template`, `fallback`, `location`, …
        pub kind: String as "type",
        /// The thing itself; some kinds have none.
        pub payload: Option<AttachmentPayload>,
        /// The title of a shared link or a place, where it stands beside the payload.
        pub title: Option<String>,
        /// The address of a shared link or a place, where it stands beside the payload.
        pub url: Option<String>,
    }
}

wire_object! {
    /// The content of an [`Attachment`]. Templates, products and bookings are in `extra`.
    ///
    /// ```json
    /// {"url":"https://cdn.example/s.png","sticker_id":369239263222822}
    /// ```
    ///
    /// ```
    /// use handover_protocol::AttachmentPayload;
    ///
    /// let reel: AttachmentPayload =
    ///     serde_json::from_str(r#"{"url":"https://r.example","reel_video_id":123456}"#)?;
    /// assert_eq!(reel.extra["reel_video_id"], 123456);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct AttachmentPayload {
        /// Where it can be fetched. Addresses of Meta's CDN are signed and expire.
        pub url: Option<String>,
        /// Which sticker it is.
        pub sticker_id: Option<u64>,
        /// The place, for a `location`.
        pub coordinates: Option<Coordinates>,
        /// The title of a shared link, post or reel.
        pub title: Option<String>,
    }
}

wire_object! {
    /// A place, in degrees.
    ///
    /// ```json
    /// {"lat":37.48,"long":-122.15}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Coordinates;
    ///
    /// let place: Coordinates = serde_json::from_str(r#"{"lat":37.48,"long":-122}"#)?;
    /// assert_eq!((place.lat, place.long), (Some(37.48), Some(-122.0)));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Coordinates {
        /// Degrees north.
        pub lat: Option<f64>,
        /// Degrees east.
        pub long: Option<f64>,
    }
}
