use serde::Deserialize;

/// Messages per second, for each Page or Instagram account.
///
/// The defaults are the platform's limits (protocol: rate limits). Messages above the limit wait in the
/// outbox.
///
/// ```
/// use handover_runtime::SendRate;
///
/// let rate = SendRate::default().messages(100);
/// assert_eq!(rate.media, 10);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct SendRate {
    /// Texts, images, templates and sender actions: 300.
    pub messages: u32,
    /// Audio and video: 10.
    pub media: u32,
}

impl Default for SendRate {
    fn default() -> Self {
        Self {
            messages: 300,
            media: 10,
        }
    }
}

impl SendRate {
    /// Limit of texts, images, templates and sender actions in a second. Default: 300.
    #[must_use]
    pub const fn messages(mut self, messages: u32) -> Self {
        self.messages = messages;
        self
    }

    /// Limit of audio and video in a second. Default: 10.
    #[must_use]
    pub const fn media(mut self, media: u32) -> Self {
        self.media = media;
        self
    }
}
