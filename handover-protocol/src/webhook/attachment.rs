//! Attachments of messages.

use serde_json::Map;

use crate::lenient::{always, as_decimal, as_number, as_seconds, wire_object};
use crate::{Template, Timestamp};

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
        /// `type`: `image`, `audio`, `video`, `file`, `sticker`, `reel` and `ig_reel`, `post` and
        /// `ig_post`, `share`, `story_mention`, `ephemeral`, `like_heart`, `template`,
        /// `appointment_booking`, `fallback`, `location`, …
        pub kind: String as "type",
        /// The thing itself; some kinds have none.
        pub payload: Option<AttachmentPayload>,
        /// The title of a shared link or a place, if it is beside the payload.
        pub title: Option<String>,
        /// The address of a shared link or a place, if it is beside the payload.
        pub url: Option<String>,
    }
}

wire_object! {
    /// The content of an [`Attachment`]; each kind uses some of the fields.
    ///
    /// ```json
    /// {"url":"https://cdn.example/s.png","sticker_id":369239263222822}
    /// ```
    /// ```json
    /// {"product":{"elements":[{"id":"1","retailer_id":"sku","title":"Hat","subtitle":"$40"}]}}
    /// ```
    /// ```json
    /// {"booking_id":"b","status":"requested","start_time":1739612400,"end_time":1739616000,
    ///  "timezone":"America/Los_Angeles"}
    /// ```
    ///
    /// What a template in an echo consists of is in `extra`, too: see [`template`](Self::template).
    ///
    /// ```
    /// use handover_protocol::AttachmentPayload;
    ///
    /// let reel: AttachmentPayload =
    ///     serde_json::from_str(r#"{"url":"https://r.example","reel_video_id":123456}"#)?;
    /// assert_eq!(reel.reel_video_id.as_deref(), Some("123456"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct AttachmentPayload {
        /// Address of the file. Addresses of Meta's CDN are signed and expire.
        pub url: Option<String>,
        /// Which sticker it is.
        pub sticker_id: Option<u64>,
        /// The place, for a `location`.
        pub coordinates: Option<Coordinates>,
        /// The title of a shared link, post or reel.
        pub title: Option<String>,
        /// Which reel it is.
        pub reel_video_id: Option<String> => as_number,
        /// Which post it is.
        pub id: Option<String> => as_number,
        /// In an echo: the id of the saved attachment that was sent.
        pub attachment_id: Option<String> => as_number,
        /// The products that were shared.
        pub product: Option<SharedProducts>,
        /// The requested appointment.
        pub booking_id: Option<String>,
        /// Status of the appointment, such as `requested`.
        pub status: Option<String>,
        /// Start of the appointment.
        pub start_time: Option<Timestamp> => as_seconds,
        /// End of the appointment.
        pub end_time: Option<Timestamp> => as_seconds,
        /// The time zone of the appointment, such as `America/Los_Angeles`.
        pub timezone: Option<String>,
    }
}

impl AttachmentPayload {
    /// The template that was sent, in an echo, or that a person shared. Its type is in
    /// `template_type`, or is the key of the template, as on Instagram.
    ///
    /// ```
    /// use handover_protocol::{AttachmentPayload, Template};
    ///
    /// let payload: AttachmentPayload =
    ///     serde_json::from_str(r#"{"template_type":"button","text":"Hi!","buttons":[]}"#)?;
    /// let Some(Template::Button(sent)) = payload.template() else { unreachable!() };
    /// assert_eq!(sent.text, "Hi!");
    ///
    /// let payload: AttachmentPayload =
    ///     serde_json::from_str(r#"{"generic":{"elements":[{"title":"Hat"}]}}"#)?;
    /// let Some(Template::Generic(sent)) = payload.template() else { unreachable!() };
    /// assert_eq!(sent.elements[0].title, "Hat");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub fn template(&self) -> Option<Template> {
        if self.extra.contains_key("template_type") {
            Template::of_payload(self)
        } else if let Some(products) = &self.product {
            let products = serde_json::to_value(products).ok()?;
            Template::of_keyed(&Map::from_iter([("product".to_owned(), products)]), false)
        } else {
            let others = Self {
                extra: Map::new(),
                ..self.clone()
            };
            Template::of_keyed(&self.extra, others != Self::default())
        }
    }
}

wire_object! {
    /// Products that a person shared from a shop.
    ///
    /// ```json
    /// {"elements":[{"id":"1","retailer_id":"sku","title":"Hat","subtitle":"$40"}]}
    /// ```
    pub struct SharedProducts {
        /// The products.
        pub elements: Vec<SharedProduct> => always,
    }
}

wire_object! {
    /// A product that a person shared from a shop.
    ///
    /// ```json
    /// {"id":"1","retailer_id":"sku","image_url":"https://i.example","title":"Hat","subtitle":"$40"}
    /// ```
    pub struct SharedProduct {
        /// The id of the product at Meta.
        pub id: Option<String>,
        /// The id of the product at the business.
        pub retailer_id: Option<String>,
        /// A picture.
        pub image_url: Option<String>,
        /// The name.
        pub title: Option<String>,
        /// Usually the price.
        pub subtitle: Option<String>,
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
        pub lat: Option<f64> => as_decimal,
        /// Degrees east.
        pub long: Option<f64> => as_decimal,
    }
}
