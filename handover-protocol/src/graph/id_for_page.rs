//! The ids of a person at the Pages of a business.

use crate::lenient::wire_object;
use crate::{AccountId, PersonId};

wire_object! {
    /// The id of a person at a Page: a row of `GET /{app-scoped user id}/ids_for_pages`.
    ///
    /// ```json
    /// {"id":"5794982867201265","page":{"id":"1744550565845823","name":"The shop"}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::IdForPage;
    ///
    /// let row: IdForPage =
    ///     serde_json::from_str(r#"{"id":"5794982867201265","page":{"id":"1744550565845823"}}"#)?;
    /// assert_eq!(row.page.unwrap().id, Some("1744550565845823".into()));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct IdForPage {
        /// The person, as the Page knows them: a PSID.
        pub id: Option<PersonId>,
        /// The Page.
        pub page: Option<PageOfPerson>,
    }
}

wire_object! {
    /// The Page at which a person has an id.
    ///
    /// ```json
    /// {"id":"1744550565845823","name":"The shop"}
    /// ```
    pub struct PageOfPerson {
        /// The Page.
        pub id: Option<AccountId>,
        /// Its name.
        pub name: Option<String>,
    }
}
