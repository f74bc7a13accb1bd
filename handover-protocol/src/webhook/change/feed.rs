//! Posts and comments on a Page.

use super::Author;
use crate::Timestamp;
use crate::lenient::{as_seconds, wire_object};

wire_object! {
    /// Something happened on a Page: a post, a comment, a reaction.
    ///
    /// ```json
    /// {"item":"comment","verb":"add","comment_id":"1_2","post_id":"1_1","parent_id":"1_1",
    ///  "from":{"id":"9","name":"N"},"message":"hi","created_time":1520383571}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{EventBody, read};
    ///
    /// let webhook = read(br#"{"object":"page","entry":[{"id":"7","time":1520383571,
    ///     "changes":[{"field":"feed","value":{"item":"comment","verb":"add","comment_id":"1_2"}}]}]}"#)?;
    /// let EventBody::Feed(feed) = &webhook.received[0].event.body else { unreachable!() };
    /// assert_eq!(feed.comment_id.as_deref(), Some("1_2"));
    /// # Ok::<(), handover_protocol::ReadError>(())
    /// ```
    pub struct Feed {
        /// Kind of item: `post`, `comment`, `reaction`, `photo`, …
        pub item: Option<String>,
        /// Change: `add`, `edited`, `remove`, …
        pub verb: Option<String>,
        /// The comment, if it is one; good for a private reply.
        pub comment_id: Option<String>,
        /// The post; good for a private reply.
        pub post_id: Option<String>,
        /// Parent of a comment: the post, or another comment.
        pub parent_id: Option<String>,
        /// Author of the change.
        pub from: Option<Author>,
        /// The words.
        pub message: Option<String>,
        /// Time of writing.
        pub created_time: Option<Timestamp> => as_seconds,
    }
}
