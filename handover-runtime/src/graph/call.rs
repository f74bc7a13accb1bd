//! Calls as values, as the outbox stores them.

use handover_protocol::{
    ExtendThreadControlRequest, LimitExceeded, Object, PassThreadControlRequest,
    ReleaseThreadControlRequest, RequestThreadControlRequest, SendRequest, SendResponse,
    TakeThreadControlRequest,
};
use serde::{Deserialize, Serialize};

use super::routing::Endpoint;

/// A call to the Graph API that changes something, complete except for the access token.
///
/// Store it, and make it later with [`Graph::execute`](super::Graph::execute):
///
/// ```json
/// {"pass_thread_control":{"recipient":{"id":"5794982867201265"},"target_app_id":"263902037430900"}}
/// ```
///
/// ```
/// use handover_protocol::{Object, OutgoingMessage, Recipient, SendRequest};
/// use handover_runtime::graph::Call;
///
/// let call = Call::from(SendRequest {
///     recipient: Recipient::id("5794982867201265"),
///     message: Some(OutgoingMessage::text("Hello!")),
///     ..Default::default()
/// });
/// assert_eq!(call.name(), "messages");
/// call.check(&Object::Instagram)?;
///
/// let stored = serde_json::to_string(&call)?;
/// assert_eq!(serde_json::from_str::<Call>(&stored)?, call);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::large_enum_variant, reason = "nearly all calls are messages")]
#[non_exhaustive]
pub enum Call {
    /// Sends a message, or a sender action.
    Messages(SendRequest),
    /// Passes the thread to another app.
    PassThreadControl(PassThreadControlRequest),
    /// Takes the thread from its owner.
    TakeThreadControl(TakeThreadControlRequest),
    /// Requests the thread from its owner.
    RequestThreadControl(RequestThreadControlRequest),
    /// Releases the thread: it becomes idle.
    ReleaseThreadControl(ReleaseThreadControlRequest),
    /// Extends the control of the thread.
    ExtendThreadControl(ExtendThreadControlRequest),
}

impl Call {
    /// The platform's name for the call, such as `pass_thread_control`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.endpoint().name()
    }

    /// Endpoint of the call.
    #[must_use]
    pub const fn endpoint(&self) -> Endpoint {
        match self {
            Self::Messages(_) => Endpoint::Messages,
            Self::PassThreadControl(_) => Endpoint::PassThreadControl,
            Self::TakeThreadControl(_) => Endpoint::TakeThreadControl,
            Self::RequestThreadControl(_) => Endpoint::RequestThreadControl,
            Self::ReleaseThreadControl(_) => Endpoint::ReleaseThreadControl,
            Self::ExtendThreadControl(_) => Endpoint::ExtendThreadControl,
        }
    }

    /// Whether making the call twice has the same effect as once: every call but a message, which would
    /// arrive twice.
    #[must_use]
    pub const fn is_idempotent(&self) -> bool {
        match self {
            // A utility template is a message outside of `message`.
            Self::Messages(request) => request.message.is_none() && request.sender_action.is_some(),
            _ => true,
        }
    }

    /// Checks the call against the limits of a product.
    ///
    /// # Errors
    ///
    /// Returns the first exceeded limit.
    pub fn check(&self, product: &Object) -> Result<(), LimitExceeded> {
        match self {
            Self::Messages(request) => request.check(product),
            Self::PassThreadControl(request) => request.check(),
            Self::TakeThreadControl(request) => request.check(),
            Self::RequestThreadControl(request) => request.check(),
            Self::ReleaseThreadControl(request) => request.check(),
            Self::ExtendThreadControl(request) => request.check(),
        }
    }
}

macro_rules! calls {
    ($($name:ident: $request:ty,)*) => {$(
        impl From<$request> for Call {
            fn from(request: $request) -> Self {
                Self::$name(request)
            }
        }
    )*};
}

calls! {
    Messages: SendRequest,
    PassThreadControl: PassThreadControlRequest,
    TakeThreadControl: TakeThreadControlRequest,
    RequestThreadControl: RequestThreadControlRequest,
    ReleaseThreadControl: ReleaseThreadControlRequest,
    ExtendThreadControl: ExtendThreadControlRequest,
}

/// Response of the platform to a [`Call`] that it carried out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CallResponse {
    /// A message or sender action was accepted. Has its ids.
    Sent(SendResponse),
    /// Thread control was accepted. For `request_thread_control`: the owner was notified, and need not agree.
    Done,
}
