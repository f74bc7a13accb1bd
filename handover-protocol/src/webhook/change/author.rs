//! Author of public content.

use crate::lenient::wire_object;

wire_object! {
    /// Author of a post or a comment.
    ///
    /// ```json
    /// {"id":"9","name":"Ana"}
    /// ```
    /// ```json
    /// {"id":"9","username":"ana"}
    /// ```
    pub struct Author {
        /// The id of the author; on Facebook not the PSID.
        pub id: Option<String>,
        /// The name (Facebook).
        pub name: Option<String>,
        /// The name of the account (Instagram).
        pub username: Option<String>,
    }
}
