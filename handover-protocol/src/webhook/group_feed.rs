//! Posts and comments in a group of the account.

use super::Author;
use crate::Timestamp;
use crate::lenient::{as_seconds, wire_object};

wire_object! {
    /// A post in a group. Its fields are those of the item itself, not under a key.
    ///
    /// ```json
    /// {"recipient":{"id":"104508901353867"},"from":{"id":"U","name":"N"},"group_id":"G","comment_id":"C",
    ///  "parent_id":"P","post_id":"PO","created_time":1680575789,"item":"comment","verb":"add",
    ///  "message":"text","field":"group_feed"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Event, EventBody};
    ///
    /// let event: Event =
    ///     serde_json::from_str(r#"{"field":"group_feed","item":"comment","message":"in blue?"}"#)?;
    /// let EventBody::GroupFeed(post) = event.body else { unreachable!() };
    /// assert_eq!(post.message.as_deref(), Some("in blue?"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct GroupFeed {
        /// Author.
        pub from: Option<Author>,
        /// The group.
        pub group_id: Option<String>,
        /// The comment, if it is one.
        pub comment_id: Option<String>,
        /// Parent of a comment.
        pub parent_id: Option<String>,
        /// The post.
        pub post_id: Option<String>,
        /// Time of writing.
        pub created_time: Option<Timestamp> => as_seconds,
        /// Kind of item, such as `comment`.
        pub item: Option<String>,
        /// Change, such as `add`.
        pub verb: Option<String>,
        /// The words.
        pub message: Option<String>,
    }
}
