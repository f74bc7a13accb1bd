//! Changes of who controls a thread.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::AppId;
use crate::lenient::{as_number, as_number_or_null, from_json_by_serde, wire_object};

wire_object! {
    /// The receiving app has been given control of the thread.
    ///
    /// ```json
    /// {"previous_owner_app_id":413038776280800,"new_owner_app_id":2262510160704936,
    ///  "metadata":"messenger_lead_gen_complete"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{AppId, PassThreadControl};
    ///
    /// let pass: PassThreadControl = serde_json::from_str(
    ///     r#"{"previous_owner_app_id":"263902037430900","metadata":null}"#,
    /// )?;
    /// assert_eq!(pass.previous_owner_app_id, Some(AppId::PAGE_INBOX));
    /// assert_eq!(pass.new_owner_app_id, None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct PassThreadControl {
        /// The app that gave it; none if the thread was idle.
        pub previous_owner_app_id: Option<AppId> => as_number_or_null,
        /// The app that has it now.
        pub new_owner_app_id: Option<AppId> => as_number,
        /// Metadata from the passing app; often JSON.
        pub metadata: Option<String>,
    }
}

wire_object! {
    /// The receiving app has lost control of the thread.
    ///
    /// ```json
    /// {"previous_owner_app_id":2262510160704936,"new_owner_app_id":263902037430900}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{AppId, TakeThreadControl};
    ///
    /// let take: TakeThreadControl = serde_json::from_str(r#"{"new_owner_app_id":263902037430900}"#)?;
    /// assert_eq!(take.new_owner_app_id, Some(AppId::PAGE_INBOX));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct TakeThreadControl {
        /// The app that had it.
        pub previous_owner_app_id: Option<AppId> => as_number,
        /// The app that took it. Absent in older bodies.
        pub new_owner_app_id: Option<AppId> => as_number,
        /// Metadata from the taking app.
        pub metadata: Option<String>,
    }
}

wire_object! {
    /// Another app asks the owner for the thread.
    ///
    /// ```json
    /// {"requested_owner_app_id":2262510160704936,"metadata":"please"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::RequestThreadControl;
    ///
    /// let request: RequestThreadControl =
    ///     serde_json::from_str(r#"{"requested_owner_app_id":2262510160704936}"#)?;
    /// assert_eq!(request.requested_owner_app_id.unwrap(), "2262510160704936");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct RequestThreadControl {
        /// The app that asks.
        pub requested_owner_app_id: Option<AppId> => as_number,
        /// Metadata from the requesting app.
        pub metadata: Option<String>,
    }
}

/// The roles apps have on a Page (Handover Protocol of old).
///
/// ```json
/// {"2262510160704936":["primary_receiver"]}
/// ```
///
/// ```
/// use handover_protocol::{AppId, AppRoles};
///
/// let AppRoles { roles } = serde_json::from_str(r#"{"2262510160704936":["primary_receiver"]}"#)?;
/// assert_eq!(roles[&AppId::from("2262510160704936")], ["primary_receiver"]);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AppRoles {
    /// `primary_receiver` or `secondary_receiver`, for each app.
    pub roles: BTreeMap<AppId, Vec<String>>,
}

from_json_by_serde!(AppRoles);
