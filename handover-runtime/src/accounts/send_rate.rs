use serde::Deserialize;

/// How many messages are sent in a second, for each Page or Instagram account.
///
/// The defaults are the platform's limits (protocol: rate limits); what is above them waits in the
/// outbox.
///
/// ```
/// use handover_runtime::SendRate;
///
/// let rate = SendRate { messages: 100, ..SendRate::default() };
/// assert_eq!(rate.media, 10);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(default, deny_unknown_fields)]
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
