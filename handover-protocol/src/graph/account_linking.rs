//! Account linking.

use crate::lenient::{always, wire_object};
use crate::{AccountId, PersonId};

wire_object! {
    /// The answer to `GET /me?fields=recipient&account_linking_token=…`: who is about to link an
    /// account. The token is good for five minutes.
    ///
    /// ```json
    /// {"id":"104508901353867","recipient":"5794982867201265"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::LinkedAccount;
    ///
    /// let who: LinkedAccount =
    ///     serde_json::from_str(r#"{"id":"104508901353867","recipient":"5794982867201265"}"#)?;
    /// assert_eq!(who.recipient, "5794982867201265");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct LinkedAccount {
        /// The Page.
        pub id: AccountId => always,
        /// The person.
        pub recipient: PersonId => always,
    }
}

wire_object! {
    /// The body of `POST /me/unlink_accounts`; the answer is a [`ResultText`](crate::ResultText).
    ///
    /// ```json
    /// {"psid":"5794982867201265"}
    /// ```
    pub struct UnlinkAccount {
        /// The person.
        pub psid: PersonId => always,
    }
}
