use handover_protocol::OutgoingAttachment;

use super::Message;

macro_rules! media {
    ($($(#[$doc:meta])* $name:ident: $kind:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// Limits and kinds of files (Send API, attachments): 8 MB for an image and 25 MB for
        /// anything else. The id of a reusable attachment is valid for 90 days, for this account.
        #[derive(Clone, Debug, PartialEq)]
        #[must_use = "an attachment is sent when a handler returns it"]
        pub struct $name(OutgoingAttachment);

        impl $name {
            /// Creates one that the platform downloads from this address.
            pub fn by_url(url: impl Into<String>) -> Self {
                Self(OutgoingAttachment::$kind(url))
            }

            /// Creates one that the platform stores under this id.
            pub fn by_id(attachment_id: impl Into<String>) -> Self {
                Self(OutgoingAttachment::by_id(stringify!($kind), attachment_id))
            }

            /// Asks the platform to store it and to return an id for the next time.
            pub fn reusable(self) -> Self {
                Self(self.0.reusable())
            }

            #[allow(dead_code, reason = "not all of them go into templates")]
            pub(super) fn into_attachment(self) -> OutgoingAttachment {
                self.0
            }
        }

        impl From<$name> for Message {
            fn from(media: $name) -> Self {
                Self::attachment(media.0)
            }
        }
    )*};
}

media! {
    /// A picture.
    ///
    /// ```
    /// use handover_runtime::Image;
    ///
    /// async fn hat() -> Image {
    ///     Image::by_url("https://example.com/hat.png").reusable()
    /// }
    ///
    /// async fn same_hat() -> Image {
    ///     Image::by_id("1857777774821032")
    /// }
    /// # let _ = (hat(), same_hat());
    /// ```
    Image: image;
    /// An audio file.
    Audio: audio;
    /// A video.
    Video: video;
    /// A file.
    File: file;
}
