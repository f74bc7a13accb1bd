//! Comments on Instagram.

use super::Author;
use crate::lenient::wire_object;

wire_object! {
    /// A comment on a post (`comments`) or a live video (`live_comments`) of an Instagram account. Send a
    /// private reply to its id.
    ///
    /// ```json
    /// {"id":"C","text":"hi","from":{"id":"U","username":"u"},"media":{"id":"M","media_product_type":"FEED"}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{EventBody, Recipient, read};
    ///
    /// let webhook = read(br#"{"object":"instagram","entry":[{"id":"7","time":1520383571,
    ///     "changes":[{"field":"comments","value":{"id":"C","text":"hi"}}]}]}"#)?;
    /// let EventBody::Comments(comment) = &webhook.received[0].event.body else { unreachable!() };
    /// let reply_to = comment.id.clone().map(Recipient::comment);
    /// # assert_eq!(serde_json::to_string(&reply_to).unwrap(), r#"{"comment_id":"C"}"#);
    /// # Ok::<(), handover_protocol::ReadError>(())
    /// ```
    pub struct InstagramComment {
        /// The comment.
        pub id: Option<String>,
        /// The words.
        pub text: Option<String>,
        /// Author.
        pub from: Option<Author>,
        /// Media that is commented on.
        pub media: Option<CommentedMedia>,
        /// The comment that this one answers.
        pub parent_id: Option<String>,
    }
}

wire_object! {
    /// A post on Instagram that was commented on.
    ///
    /// ```json
    /// {"id":"M","media_product_type":"FEED"}
    /// ```
    pub struct CommentedMedia {
        /// The post.
        pub id: Option<String>,
        /// Surface: `FEED`, `REELS`, `STORY`, `AD`, …
        pub media_product_type: Option<String>,
    }
}
