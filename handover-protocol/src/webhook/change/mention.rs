//! Mentions on Instagram.

use crate::lenient::wire_object;

wire_object! {
    /// A mention of an Instagram account in a caption or a comment.
    ///
    /// ```json
    /// {"media_id":"M","comment_id":"C"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::InstagramMention;
    ///
    /// let in_caption: InstagramMention = serde_json::from_str(r#"{"media_id":"M"}"#)?;
    /// assert_eq!(in_caption.comment_id, None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct InstagramMention {
        /// The post.
        pub media_id: Option<String>,
        /// The comment, if it is in one.
        pub comment_id: Option<String>,
    }
}
