//! Pictures, files and templates to a person.

use crate::Template;
use crate::lenient::wire_object;
use crate::limit::checked;

wire_object! {
    /// A picture, a file or a template to a person.
    ///
    /// ```json
    /// {"type":"image","payload":{"url":"https://example.com/hat.png","is_reusable":true}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::OutgoingAttachment;
    ///
    /// assert_eq!(
    ///     serde_json::to_string(&OutgoingAttachment::image("https://example.com/hat.png"))?,
    ///     r#"{"type":"image","payload":{"url":"https://example.com/hat.png"}}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct OutgoingAttachment {
        /// `type`: `image`, `audio`, `video`, `file`, `template`; `like_heart` and `MEDIA_SHARE` on
        /// Instagram.
        pub kind: String as "type",
        /// The thing itself.
        pub payload: OutgoingAttachmentPayload,
    }
}

impl OutgoingAttachment {
    /// An attachment that the platform has kept; `kind` is `image`, `audio`, `video` or `file`.
    pub fn by_id(kind: impl Into<String>, attachment_id: impl Into<String>) -> Self {
        Self {
            kind: kind.into(),
            payload: OutgoingAttachmentPayload {
                attachment_id: Some(attachment_id.into()),
                ..Default::default()
            },
            ..Self::default()
        }
    }

    /// A heart (Instagram).
    pub fn like_heart() -> Self {
        Self {
            kind: "like_heart".to_owned(),
            ..Self::default()
        }
    }

    /// A post of the account (Instagram).
    pub fn media_share(post_id: impl Into<String>) -> Self {
        Self {
            kind: "MEDIA_SHARE".to_owned(),
            payload: OutgoingAttachmentPayload {
                id: Some(post_id.into()),
                ..Default::default()
            },
            ..Self::default()
        }
    }

    /// The same, to be kept by the platform and sent again by its id.
    #[must_use]
    pub fn reusable(mut self) -> Self {
        self.payload.is_reusable = true;
        self
    }
}

checked!(OutgoingAttachment: |attachment| {
    attachment.payload.template().map_or(Ok(()), |template| template.check())
});

macro_rules! by_url {
    ($($(#[$meta:meta])* $kind:ident)*) => {
        impl OutgoingAttachment {
            $(
                $(#[$meta])*
                pub fn $kind(url: impl Into<String>) -> Self {
                    Self::by_url(stringify!($kind), url.into())
                }
            )*

            fn by_url(kind: &str, url: String) -> Self {
                Self {
                    kind: kind.to_owned(),
                    payload: OutgoingAttachmentPayload { url: Some(url), ..Default::default() },
                    ..Self::default()
                }
            }
        }
    };
}

by_url! {
    /// A picture that the platform fetches from this address.
    image
    /// A recording that the platform fetches from this address.
    audio
    /// A film that the platform fetches from this address.
    video
    /// A file that the platform fetches from this address.
    file
}

wire_object! {
    /// The content of an [`OutgoingAttachment`]. What a template consists of is in `extra`: see
    /// [`OutgoingAttachment::template`] and [`template`](Self::template).
    ///
    /// ```json
    /// {"attachment_id":"1857777774821032"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::OutgoingAttachmentPayload;
    ///
    /// let template: OutgoingAttachmentPayload =
    ///     serde_json::from_str(r#"{"template_type":"button","text":"Hi!","buttons":[]}"#)?;
    /// assert_eq!(template.extra["template_type"], "button");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct OutgoingAttachmentPayload {
        /// Address from which the platform downloads it.
        pub url: Option<String>,
        /// Whether the platform keeps it and returns an attachment id.
        pub is_reusable: bool,
        /// The id of an attachment the platform has kept.
        pub attachment_id: Option<String>,
        /// The post that is shared (Instagram).
        pub id: Option<String>,
    }
}

impl OutgoingAttachmentPayload {
    /// The template, if it is one.
    pub fn template(&self) -> Option<Template> {
        if self.extra.contains_key("template_type") {
            Template::of_payload(self)
        } else {
            None
        }
    }
}

impl OutgoingAttachment {
    /// A template.
    pub fn template(template: impl Into<Template>) -> Self {
        Self {
            kind: "template".to_owned(),
            payload: template.into().to_map().into(),
            ..Self::default()
        }
    }
}
