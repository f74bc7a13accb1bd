//! Access tokens.

use crate::lenient::{always, as_seconds, wire_object};
use crate::{AccountId, AppId, GraphErrorObject, Timestamp};

wire_object! {
    /// The answer to `GET /oauth/access_token`, and to `GET /{page}?fields=access_token`.
    ///
    /// ```json
    /// {"access_token":"EAAB…","token_type":"bearer","expires_in":5183944}
    /// ```
    ///
    /// ```
    /// use handover_protocol::AccessToken;
    ///
    /// let token: AccessToken = serde_json::from_str(r#"{"access_token":"EAAB","expires_in":5183944}"#)?;
    /// assert_eq!(token.expires_in, Some(5183944));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct AccessToken {
        /// The token: not for logs.
        pub access_token: String => always,
        /// `bearer`.
        pub token_type: Option<String>,
        /// In how many seconds it expires; absent if it does not.
        pub expires_in: Option<u64>,
        /// The Page, if it is one's.
        pub id: Option<AccountId>,
    }
}

wire_object! {
    /// A Page and its token: a row of `GET /me/accounts`.
    ///
    /// ```json
    /// {"access_token":"EAAB…","category":"Shop","category_list":[{"id":"1","name":"Shop"}],
    ///  "name":"Hats","id":"104508901353867","tasks":["MESSAGING","MANAGE"]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::PageToken;
    ///
    /// let page: PageToken = serde_json::from_str(r#"{"id":"7","tasks":["MESSAGING"]}"#)?;
    /// assert!(page.tasks.iter().any(|task| task == "MESSAGING"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct PageToken {
        /// The token: not for logs.
        pub access_token: Option<String>,
        /// Category of the Page.
        pub category: Option<String>,
        /// Categories of the Page, with ids.
        pub category_list: Vec<PageCategory>,
        /// The name of the Page.
        pub name: Option<String>,
        /// The Page.
        pub id: AccountId => always,
        /// Tasks that the user may do: `MESSAGING`, `MANAGE`, …
        pub tasks: Vec<String>,
    }
}

wire_object! {
    /// Category of a Page.
    ///
    /// ```json
    /// {"id":"1","name":"Shop"}
    /// ```
    pub struct PageCategory {
        /// The category.
        pub id: Option<String>,
        /// Its name.
        pub name: Option<String>,
    }
}

wire_object! {
    /// The answer to `GET /debug_token`.
    ///
    /// ```json
    /// {"data":{"app_id":"2262510160704936","type":"PAGE","is_valid":true,"expires_at":0,
    ///  "scopes":["pages_messaging"]}}
    /// ```
    pub struct DebugToken {
        /// Properties of the token.
        pub data: DebuggedToken => always,
    }
}

wire_object! {
    /// Properties of a token.
    ///
    /// ```json
    /// {"app_id":"2262510160704936","type":"PAGE","application":"Hat bot","data_access_expires_at":0,
    ///  "expires_at":0,"is_valid":true,"issued_at":1758692752,"profile_id":"104508901353867",
    ///  "user_id":"9","scopes":["pages_messaging"],
    ///  "granular_scopes":[{"scope":"pages_messaging","target_ids":["104508901353867"]}]}
    /// ```
    /// ```json
    /// {"is_valid":false,"error":{"message":"…","code":190,"subcode":463}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::DebugToken;
    ///
    /// let token: DebugToken =
    ///     serde_json::from_str(r#"{"data":{"is_valid":true,"expires_at":0}}"#)?;
    /// assert!(token.data.is_valid && token.data.never_expires());
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct DebuggedToken {
        /// The app it was made for.
        pub app_id: Option<AppId>,
        /// `type`: `PAGE`, `USER`, `APP`, …
        pub kind: Option<String> as "type",
        /// The name of the app.
        pub application: Option<String>,
        /// Expiry of the data access; 0 if never.
        pub data_access_expires_at: Option<Timestamp> => as_seconds,
        /// Expiry; 0 if never.
        pub expires_at: Option<Timestamp> => as_seconds,
        /// Whether it can be used.
        pub is_valid: bool => always,
        /// Time of issue.
        pub issued_at: Option<Timestamp> => as_seconds,
        /// The Page.
        pub profile_id: Option<AccountId>,
        /// The person behind it.
        pub user_id: Option<String>,
        /// Permissions.
        pub scopes: Vec<String>,
        /// A permission, and the objects for which it is granted.
        pub granular_scopes: Vec<GranularScope>,
        /// Why it is invalid; its subcode is in `extra`, as `subcode`.
        pub error: Option<GraphErrorObject>,
    }
}

impl DebuggedToken {
    /// Whether the platform says that it does not expire.
    pub fn never_expires(&self) -> bool {
        self.expires_at == Some(Timestamp::from_secs(0))
    }
}

wire_object! {
    /// A permission of a token, and the objects for which it is granted.
    ///
    /// ```json
    /// {"scope":"pages_messaging","target_ids":["104508901353867"]}
    /// ```
    pub struct GranularScope {
        /// The permission.
        pub scope: Option<String>,
        /// The accounts; all if absent.
        pub target_ids: Vec<String>,
    }
}
