//! Calls as values: what an outbox keeps until they are made.

use handover_protocol::{
    ExtendThreadControlRequest, LimitExceeded, Object, PassThreadControlRequest,
    ReleaseThreadControlRequest, RequestThreadControlRequest, SendRequest, SendResponse,
    TakeThreadControlRequest,
};
use serde::{Deserialize, Serialize};

use super::routing::Endpoint;

/// A call to the Graph API that changes something, with everything it needs but the access token.
///
/// It can be stored and made later, by [`Graph::execute`](super::Graph::execute):
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
    /// Gives the thread to another app.
    PassThreadControl(PassThreadControlRequest),
    /// Takes the thread from its owner.
    TakeThreadControl(TakeThreadControlRequest),
    /// Asks the owner for the thread.
    RequestThreadControl(RequestThreadControlRequest),
    /// Leaves the thread without an owner.
    ReleaseThreadControl(ReleaseThreadControlRequest),
    /// Keeps the thread for longer.
    ExtendThreadControl(ExtendThreadControlRequest),
}

impl Call {
    /// The platform's name for the call, such as `pass_thread_control`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.endpoint().name()
    }

    /// Where it goes.
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

    /// Whether making it twice is no worse than making it once: everything but a message, which
    /// would arrive twice.
    #[must_use]
    pub const fn is_idempotent(&self) -> bool {
        match self {
            // A utility template is a message outside of `message`.
            Self::Messages(request) => request.message.is_none() && request.sender_action.is_some(),
            _ => true,
        }
    }

    /// Checks it against the limits of the product it is for.
    ///
    /// # Errors
    ///
    /// Names the first limit that it exceeds.
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

/// What the platform answered to a [`Call`] that it carried out.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum CallResponse {
    /// A message or sender action was accepted; the answer says under which id.
    Sent(SendResponse),
    /// Thread control was accepted. For `request_thread_control` this means that the owner was
    /// asked, not that they agreed.
    Done,
}
