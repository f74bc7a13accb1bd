//! Thread control: the requests, and what the platform answers.

use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked};
use crate::{AccountId, AppId, Recipient};

wire_object! {
    /// The body of `POST /{page}/pass_thread_control`: gives the thread to another app.
    ///
    /// ```json
    /// {"recipient":{"id":"5794982867201265"},"target_app_id":"263902037430900","metadata":"ticket 7"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{AppId, PassThreadControlRequest, Recipient};
    ///
    /// let to_people = PassThreadControlRequest {
    ///     recipient: Recipient::id("5794982867201265"),
    ///     target_app_id: Some(AppId::PAGE_INBOX),
    ///     ..Default::default()
    /// };
    /// assert_eq!(
    ///     serde_json::to_string(&to_people)?,
    ///     r#"{"recipient":{"id":"5794982867201265"},"target_app_id":"263902037430900"}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// Limit: [`HANDOVER_METADATA`](crate::limits::HANDOVER_METADATA).
    pub struct PassThreadControlRequest {
        /// Whose thread.
        pub recipient: Recipient => always,
        /// The app that gets it; the default app if absent.
        pub target_app_id: Option<AppId>,
        /// Metadata for the new owner.
        pub metadata: Option<String>,
    }
}

wire_object! {
    /// The body of `POST /{page}/take_thread_control`: takes the thread from its owner.
    ///
    /// ```json
    /// {"recipient":{"id":"5794982867201265"},"metadata":"supervisor"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Recipient, TakeThreadControlRequest};
    ///
    /// let take = TakeThreadControlRequest {
    ///     recipient: Recipient::id("5794982867201265"),
    ///     ..Default::default()
    /// };
    /// assert_eq!(serde_json::to_string(&take)?, r#"{"recipient":{"id":"5794982867201265"}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct TakeThreadControlRequest {
        /// Whose thread.
        pub recipient: Recipient => always,
        /// Metadata for the previous owner.
        pub metadata: Option<String>,
    }
}

wire_object! {
    /// The body of `POST /{page}/request_thread_control`: asks the owner for the thread.
    ///
    /// ```json
    /// {"recipient":{"id":"5794982867201265"},"metadata":"please"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Recipient, RequestThreadControlRequest};
    ///
    /// let request = RequestThreadControlRequest {
    ///     recipient: Recipient::id("5794982867201265"),
    ///     metadata: Some("please".into()),
    ///     ..Default::default()
    /// };
    /// assert_eq!(
    ///     serde_json::to_string(&request)?,
    ///     r#"{"recipient":{"id":"5794982867201265"},"metadata":"please"}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct RequestThreadControlRequest {
        /// Whose thread.
        pub recipient: Recipient => always,
        /// Metadata for the owner.
        pub metadata: Option<String>,
    }
}

wire_object! {
    /// The body of `POST /{page}/release_thread_control`: leaves the thread without an owner.
    ///
    /// ```json
    /// {"recipient":{"id":"5794982867201265"}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{Recipient, ReleaseThreadControlRequest};
    ///
    /// let release = ReleaseThreadControlRequest {
    ///     recipient: Recipient::id("5794982867201265"),
    ///     ..Default::default()
    /// };
    /// assert_eq!(serde_json::to_string(&release)?, r#"{"recipient":{"id":"5794982867201265"}}"#);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ReleaseThreadControlRequest {
        /// Whose thread.
        pub recipient: Recipient => always,
        /// A note; not every version of the platform takes one.
        pub metadata: Option<String>,
    }
}

wire_object! {
    /// The body of `POST /{page}/extend_thread_control`: keeps the thread for longer.
    ///
    /// ```json
    /// {"recipient":{"id":"5794982867201265"},"duration":86400}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{ExtendThreadControlRequest, Recipient};
    ///
    /// let another_day = ExtendThreadControlRequest {
    ///     recipient: Recipient::id("5794982867201265"),
    ///     duration: Some(86_400),
    ///     ..Default::default()
    /// };
    /// assert_eq!(
    ///     serde_json::to_string(&another_day)?,
    ///     r#"{"recipient":{"id":"5794982867201265"},"duration":86400}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// Limit: [`EXTEND_SECONDS`](crate::limits::EXTEND_SECONDS).
    pub struct ExtendThreadControlRequest {
        /// Whose thread.
        pub recipient: Recipient => always,
        /// Seconds from now.
        pub duration: Option<u64>,
    }
}

wire_object! {
    /// The answer to a thread control request.
    ///
    /// ```json
    /// {"success":true}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Success;
    ///
    /// let answer: Success = serde_json::from_str(r#"{"success":"true"}"#)?;
    /// assert!(answer.success);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Success {
        /// Whether the call succeeded. For a request for control: whether the owner was notified.
        pub success: bool => always,
    }
}

wire_object! {
    /// The answer to `GET /{page}/thread_owner`. No rows: the thread is idle.
    ///
    /// ```json
    /// {"data":[{"thread_owner":{"app_id":"263902037430900","expiration":1790000000}}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{AppId, ThreadOwners};
    ///
    /// let owners: ThreadOwners =
    ///     serde_json::from_str(r#"{"data":[{"thread_owner":{"app_id":263902037430900}}]}"#)?;
    /// assert_eq!(owners.data[0].thread_owner.app_id, Some(AppId::PAGE_INBOX));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ThreadOwners {
        /// One row, or none.
        pub data: Vec<ThreadOwnerRow> => always,
    }
}

wire_object! {
    /// A row of [`ThreadOwners`].
    ///
    /// ```json
    /// {"thread_owner":{"app_id":"263902037430900","expiration":1790000000}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::ThreadOwnerRow;
    ///
    /// let row: ThreadOwnerRow = serde_json::from_str(r#"{"thread_owner":{"expiration":1790000000}}"#)?;
    /// assert_eq!(row.thread_owner.expiration, Some(1_790_000_000));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ThreadOwnerRow {
        /// The owner.
        pub thread_owner: ThreadOwner => always,
    }
}

wire_object! {
    /// The app that owns a thread, and until when.
    ///
    /// ```json
    /// {"app_id":"263902037430900","expiration":1790000000}
    /// ```
    ///
    /// Without an app id, another app that the asking app may not see owns the thread: it is not idle.
    ///
    /// ```
    /// use handover_protocol::ThreadOwner;
    ///
    /// let somebody_else: ThreadOwner = serde_json::from_str(r#"{"expiration":1790000000}"#)?;
    /// assert_eq!(somebody_else.app_id, None);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ThreadOwner {
        /// The owner, as far as the asking app may see it.
        pub app_id: Option<AppId>,
        /// End of the control, in seconds since the Unix epoch.
        pub expiration: Option<u64>,
    }
}

wire_object! {
    /// The answer to `GET /{page}/secondary_receivers` (Handover Protocol of old).
    ///
    /// ```json
    /// {"data":[{"id":"12345678910","name":"Live chat"}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::SecondaryReceivers;
    ///
    /// let receivers: SecondaryReceivers =
    ///     serde_json::from_str(r#"{"data":[{"id":"12345678910","name":"Live chat"}]}"#)?;
    /// assert_eq!(receivers.data[0].id, "12345678910");
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct SecondaryReceivers {
        /// The apps.
        pub data: Vec<SecondaryReceiver> => always,
    }
}

wire_object! {
    /// An app to which the primary receiver may pass threads.
    ///
    /// ```json
    /// {"id":"12345678910","name":"Live chat"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::SecondaryReceiver;
    ///
    /// let receiver: SecondaryReceiver = serde_json::from_str(r#"{"id":12345678910}"#)?;
    /// assert_eq!(receiver.id.to_number(), Some(12345678910));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct SecondaryReceiver {
        /// The app.
        pub id: AppId => always,
        /// Its name.
        pub name: Option<String>,
    }
}

wire_object! {
    /// The answer to `GET /me?fields=messaging_feature_status`.
    ///
    /// ```json
    /// {"messaging_feature_status":{"hop_v2":false,"msgr_multi_app":true,"ig_multi_app":false},
    ///  "id":"104508901353867"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::MessagingFeatures;
    ///
    /// let features: MessagingFeatures =
    ///     serde_json::from_str(r#"{"messaging_feature_status":{"msgr_multi_app":true},"id":"7"}"#)?;
    /// assert!(features.messaging_feature_status.msgr_multi_app);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct MessagingFeatures {
        /// Features that are on.
        pub messaging_feature_status: MessagingFeatureStatus => always,
        /// The account.
        pub id: Option<AccountId>,
    }
}

wire_object! {
    /// Which ways of sharing threads between apps are switched on for an account.
    ///
    /// ```json
    /// {"hop_v2":false,"msgr_multi_app":true,"ig_multi_app":false}
    /// ```
    ///
    /// ```
    /// use handover_protocol::MessagingFeatureStatus;
    ///
    /// let status: MessagingFeatureStatus = serde_json::from_str(r#"{"hop_v2":true}"#)?;
    /// assert!(status.hop_v2 && !status.ig_multi_app);
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct MessagingFeatureStatus {
        /// Handover Protocol, second version (retired).
        pub hop_v2: bool => always,
        /// Conversation Routing on Messenger.
        pub msgr_multi_app: bool => always,
        /// Conversation Routing on Instagram.
        pub ig_multi_app: bool => always,
    }
}

macro_rules! metadata_checked {
    ($($request:ty: $call:literal,)*) => {$(
        checked!($request: |request| {
            Limit::HandoverMetadata
                .characters("metadata", &request.metadata)
                .map_err(|exceeded| exceeded.of_call($call))
        });
    )*};
}

metadata_checked! {
    PassThreadControlRequest: "pass_thread_control",
    TakeThreadControlRequest: "take_thread_control",
    RequestThreadControlRequest: "request_thread_control",
    ReleaseThreadControlRequest: "release_thread_control",
}

checked!(ExtendThreadControlRequest: |request| {
    Limit::ExtendDuration
        .check("duration", request.duration.unwrap_or_default())
        .map_err(|exceeded| exceeded.of_call("extend_thread_control"))
});
