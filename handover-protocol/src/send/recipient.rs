//! Recipient of a request.

use crate::PersonId;
use crate::lenient::wire_object;
use crate::limit::{Limit, checked, present};

wire_object! {
    /// Recipient of a request.
    ///
    /// ```json
    /// {"id":"5794982867201265"}
    /// ```
    ///
    /// Exactly one of the fields is set, but `name` goes with `phone_number`.
    ///
    /// ```
    /// use handover_protocol::Recipient;
    ///
    /// let recipient = Recipient::id("5794982867201265");
    /// assert_eq!(serde_json::to_string(&recipient)?, r#"{"id":"5794982867201265"}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Recipient {
        /// The person.
        pub id: Option<PersonId>,
        /// A visitor of a website, in a plugin.
        pub user_ref: Option<String>,
        /// The author of a post: a private reply, one for each post, within 7 days.
        pub post_id: Option<String>,
        /// The author of a comment: a private reply, one for each comment, within 7 days.
        pub comment_id: Option<String>,
        /// Person with this phone number; retired for most apps.
        pub phone_number: Option<String>,
        /// The name that goes with the phone number.
        pub name: Option<RecipientName>,
        /// Person who gave this token for one message.
        pub one_time_notif_token: Option<String>,
        /// Person who gave this token for marketing messages.
        pub notification_messages_token: Option<String>,
    }
}

wire_object! {
    /// The name that goes with a phone number.
    ///
    /// ```json
    /// {"first_name":"Ana","last_name":"Lopez"}
    /// ```
    pub struct RecipientName {
        /// The first name.
        pub first_name: Option<String>,
        /// The last name.
        pub last_name: Option<String>,
    }
}

checked!(Recipient: |recipient| {
    let ways = present(&[
        recipient.id.is_some(),
        recipient.user_ref.is_some(),
        recipient.post_id.is_some(),
        recipient.comment_id.is_some(),
        recipient.phone_number.is_some(),
        recipient.one_time_notif_token.is_some(),
        recipient.notification_messages_token.is_some(),
    ]);
    Limit::RecipientContent.check("content", ways)
});

macro_rules! ways {
    ($($(#[$meta:meta])* $way:ident => $field:ident)*) => {
        impl Recipient {$(
            $(#[$meta])*
            pub fn $way($field: impl Into<String>) -> Self {
                Self {
                    $field: Some($field.into()),
                    ..Self::default()
                }
            }
        )*}
    };
}

ways! {
    /// A visitor of a website, in a plugin.
    user_ref => user_ref
    /// The author of a post.
    post => post_id
    /// The author of a comment.
    comment => comment_id
    /// The person with this phone number.
    phone_number => phone_number
    /// The person who gave a token that is valid for one message.
    one_time_notification => one_time_notif_token
    /// The person who gave a token for marketing messages.
    notification_messages => notification_messages_token
}

impl Recipient {
    /// A person, by PSID or IGSID.
    pub fn id(id: impl Into<PersonId>) -> Self {
        Self {
            id: Some(id.into()),
            ..Self::default()
        }
    }
}
