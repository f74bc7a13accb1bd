//! Thread control: which app may answer a person.

use std::future::IntoFuture;
use std::time::Duration;

use handover_protocol::{
    AppId, ExtendThreadControlRequest, MessagingFeatureStatus, PassThreadControlRequest, PersonId,
    Recipient, ReleaseThreadControlRequest, RequestThreadControlRequest, SecondaryReceiver,
    TakeThreadControlRequest, ThreadOwnerRow, Timestamp,
};
use serde::{Deserialize, Serialize};

use super::call::Call;
use super::client::{CallFuture, Graph};
use super::error::GraphError;
use super::metadata_text;
use super::routing::Endpoint;

impl Graph {
    /// Passes the thread to another app. Default: the default app; [`to`](PassThreadControlCall::to) sets
    /// another. Allowed for the owner, and for every app while the thread is idle.
    ///
    /// ```no_run
    /// # use handover_runtime::graph::{Graph, GraphError};
    /// # async fn example(graph: Graph) -> Result<(), GraphError> {
    /// # let person = "5794982867201265".into();
    /// use handover_protocol::AppId;
    ///
    /// graph.pass_thread_control(&person).to(AppId::PAGE_INBOX).metadata("billing").await?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn pass_thread_control(&self, person: &PersonId) -> PassThreadControlCall<'_> {
        PassThreadControlCall::new(self, person)
    }

    /// Takes the thread from its owner. The Page needs a default app, and this app "Take control of
    /// conversations" in the Page's settings.
    pub fn take_thread_control(&self, person: &PersonId) -> TakeThreadControlCall<'_> {
        TakeThreadControlCall::new(self, person)
    }

    /// Requests the thread from its owner. Success means that the owner was notified. Only if the Page has no
    /// default app.
    pub fn request_thread_control(&self, person: &PersonId) -> RequestThreadControlCall<'_> {
        RequestThreadControlCall::new(self, person)
    }

    /// Releases the thread: it becomes idle, and the person's next message is routed like a first one. Only for the
    /// owner.
    pub fn release_thread_control(&self, person: &PersonId) -> ReleaseThreadControlCall<'_> {
        ReleaseThreadControlCall::new(self, person)
    }

    /// Extends the control to this long from now, in whole seconds and at most 7 days. Only for the owner.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn extend_thread_control(
        &self,
        person: &PersonId,
        duration: Duration,
    ) -> Result<(), GraphError> {
        let call = Call::ExtendThreadControl(ExtendThreadControlRequest {
            recipient: Recipient::id(person.clone()),
            duration: Some(duration.as_secs()),
            ..Default::default()
        });
        self.execute(&call).await.map(drop)
    }

    /// Returns the owner of the thread.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn thread_owner(&self, person: &PersonId) -> Result<CurrentOwner, GraphError> {
        let request = self.request(Endpoint::ThreadOwner);
        let answer: Option<OwnerListing<ThreadOwnerRow>> =
            request.query("recipient", person.as_str()).answer().await?;
        let row = answer.and_then(|listed| listed.data.into_iter().next());
        Ok(row.map_or(CurrentOwner::Nobody, CurrentOwner::from))
    }

    /// Lists the apps to which the primary receiver can pass threads. Part of the retired handover
    /// protocol: newer versions of the platform refuse it.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn secondary_receivers(&self) -> Result<Vec<SecondaryReceiver>, GraphError> {
        let request = self.request(Endpoint::SecondaryReceivers);
        let answer: OwnerListing<SecondaryReceiver> =
            request.query("fields", "id,name").answer().await?;
        Ok(answer.data)
    }

    /// Whether Conversation Routing is on, for Messenger and for Instagram.
    ///
    /// # Errors
    ///
    /// See [`GraphError`].
    pub async fn messaging_feature_status(&self) -> Result<MessagingFeatureStatus, GraphError> {
        #[derive(Deserialize)]
        struct Features {
            #[serde(default)]
            messaging_feature_status: MessagingFeatureStatus,
        }
        let request = self.request(Endpoint::MessagingFeatureStatus);
        let answer: Features = request
            .query("fields", "messaging_feature_status")
            .answer()
            .await?;
        Ok(answer.messaging_feature_status)
    }
}

macro_rules! thread_control_call {
    ($(#[$doc:meta])* $name:ident makes $call:ident($request:ident)) => {
        $(#[$doc])*
        #[derive(Debug)]
        #[must_use = "the call is made when this is awaited"]
        pub struct $name<'graph> {
            graph: &'graph Graph,
            request: Result<$request, GraphError>,
        }

        impl<'graph> $name<'graph> {
            fn new(graph: &'graph Graph, person: &PersonId) -> Self {
                let recipient = Recipient::id(person.clone());
                let request = Ok($request { recipient, ..Default::default() });
                Self { graph, request }
            }

            /// Sets metadata for the other app: a string as it is, anything else as JSON text.
            ///
            /// Limit: 2000 characters, as for the platform's other products; Meta documents none for this
            /// one.
            pub fn metadata(mut self, metadata: &(impl Serialize + ?Sized)) -> Self {
                self.request = self.request.and_then(|mut request| {
                    request.metadata = Some(metadata_text(Endpoint::$call, metadata)?);
                    Ok(request)
                });
                self
            }
        }

        impl<'graph> IntoFuture for $name<'graph> {
            type Output = Result<(), GraphError>;
            type IntoFuture = CallFuture<'graph, ()>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(async move {
                    let call = Call::$call(self.request?);
                    self.graph.execute(&call).await.map(drop)
                })
            }
        }
    };
}

thread_control_call! {
    /// A [pass](Graph::pass_thread_control) of thread control, made when awaited.
    PassThreadControlCall makes PassThreadControl(PassThreadControlRequest)
}
thread_control_call! {
    /// A [take](Graph::take_thread_control) of thread control, made when awaited.
    TakeThreadControlCall makes TakeThreadControl(TakeThreadControlRequest)
}
thread_control_call! {
    /// A [request](Graph::request_thread_control) for thread control, made when awaited.
    RequestThreadControlCall makes RequestThreadControl(RequestThreadControlRequest)
}
thread_control_call! {
    /// A [release](Graph::release_thread_control) of thread control, made when awaited.
    ReleaseThreadControlCall makes ReleaseThreadControl(ReleaseThreadControlRequest)
}

impl PassThreadControlCall<'_> {
    /// Sets the new owner. The inbox is [`AppId::PAGE_INBOX`], for Instagram [`AppId::INSTAGRAM_INBOX`].
    pub fn to(mut self, app: impl Into<AppId>) -> Self {
        if let Ok(request) = &mut self.request {
            request.target_app_id = Some(app.into());
        }
        self
    }
}

/// Owner of a thread, as far as the platform shows it to this app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CurrentOwner {
    /// The thread is idle.
    Nobody,
    /// This app.
    App {
        /// The app.
        id: AppId,
        /// When its control ends.
        until: Option<Timestamp>,
    },
    /// Another app. Only the owner and the default app see which.
    NotShown {
        /// When its control ends.
        until: Option<Timestamp>,
    },
}

impl From<ThreadOwnerRow> for CurrentOwner {
    fn from(row: ThreadOwnerRow) -> Self {
        let owner = row.thread_owner;
        let seconds = owner.expiration.and_then(|at| i64::try_from(at).ok());
        let until = seconds.map(Timestamp::from_secs);
        match owner.app_id {
            Some(id) => Self::App { id, until },
            None => Self::NotShown { until },
        }
    }
}

#[derive(Deserialize)]
struct OwnerListing<AdviceRow> {
    /// "Empty response", the platform's text for an idle thread, may mean that this is missing.
    #[serde(default = "Vec::new")]
    data: Vec<AdviceRow>,
}
