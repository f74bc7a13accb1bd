//! Profile of a person.

use crate::PersonId;
use crate::lenient::{as_decimal, wire_object};

wire_object! {
    /// Profile of a person: the answer to `GET /{person}`. It has the fields that the app may see, which
    /// can be none.
    ///
    /// ```json
    /// {"id":"5794982867201265","first_name":"Ana","last_name":"Lopez","profile_pic":"https://cdn.example/p",
    ///  "locale":"en_US","timezone":-7,"gender":"female","name":"Ana Lopez"}
    /// ```
    /// ```json
    /// {"id":"5794982867201265","name":"Ana","username":"ana","profile_pic":"https://cdn.example/p",
    ///  "follower_count":5,"is_user_follow_business":true,"is_business_follow_user":false,
    ///  "is_verified_user":false}
    /// ```
    ///
    /// ```
    /// use handover_protocol::UserProfile;
    ///
    /// let profile: UserProfile = serde_json::from_str(r#"{"first_name":"Ana","timezone":-7}"#)?;
    /// assert_eq!(profile.first_name.as_deref(), Some("Ana"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct UserProfile {
        /// The person.
        pub id: Option<PersonId>,
        /// The first name (Messenger).
        pub first_name: Option<String>,
        /// The last name (Messenger).
        pub last_name: Option<String>,
        /// The whole name.
        pub name: Option<String>,
        /// A picture; the address expires.
        pub profile_pic: Option<String>,
        /// The language, such as `en_US` (Messenger).
        pub locale: Option<String>,
        /// Hours from Greenwich (Messenger).
        pub timezone: Option<f64> => as_decimal,
        /// The gender (Messenger).
        pub gender: Option<String>,
        /// The name of the account (Instagram).
        pub username: Option<String>,
        /// Number of followers (Instagram).
        pub follower_count: Option<u64>,
        /// Whether the person follows the account (Instagram).
        pub is_user_follow_business: Option<bool>,
        /// Whether the account follows the person (Instagram).
        pub is_business_follow_user: Option<bool>,
        /// Whether the person is verified (Instagram).
        pub is_verified_user: Option<bool>,
    }
}

impl UserProfile {
    /// The fields to ask for on Messenger.
    pub const MESSENGER_FIELDS: &str =
        "first_name,last_name,profile_pic,locale,timezone,gender,name";

    /// The fields to ask for on Instagram.
    pub const INSTAGRAM_FIELDS: &str = "name,username,profile_pic,follower_count,\
        is_user_follow_business,is_business_follow_user,is_verified_user";
}
