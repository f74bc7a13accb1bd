//! Thread control on WhatsApp, between Meta's Business Agent and an escalation partner. Early access:
//! follows the documentation of WhatsApp's partners.

use serde::Deserialize;
use serde_json::Value;

use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked};
use crate::{Channel, EventBody, Object, Received};

const WHATSAPP: &str = "whatsapp_business_account";

wire_object! {
    /// The body of `POST /{phone number}/thread_control`; the answer is a
    /// [`WhatsAppThreadControlAnswer`].
    ///
    /// ```json
    /// {"messaging_product":"whatsapp","action":"pass","to":"15551234567","metadata":"ticket 7",
    ///  "control_pass":{"target_role":"ai_agent"}}
    /// ```
    ///
    /// ```
    /// use handover_protocol::WhatsAppThreadControl;
    ///
    /// let release = WhatsAppThreadControl::release("15551234567");
    /// assert_eq!(
    ///     serde_json::to_string(&release)?,
    ///     r#"{"messaging_product":"whatsapp","action":"release","to":"15551234567"}"#,
    /// );
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    ///
    /// Limit: [`HANDOVER_METADATA`](crate::limits::HANDOVER_METADATA).
    pub struct WhatsAppThreadControl {
        /// `whatsapp`.
        pub messaging_product: String => always,
        /// `pass`, `take` or `release`.
        pub action: String => always,
        /// The phone number of the person.
        pub to: Option<String>,
        /// The person, by an id of the business, in place of the phone number.
        pub recipient: Option<String>,
        /// Metadata for the new owner.
        pub metadata: Option<String>,
        /// The new owner; the escalation partner if absent.
        pub control_pass: Option<WhatsAppControlPass>,
    }
}

wire_object! {
    /// New owner of the thread.
    ///
    /// ```json
    /// {"target_role":"ai_agent"}
    /// ```
    pub struct WhatsAppControlPass {
        /// `ai_agent`: Meta's Business Agent.
        pub target_role: String => always,
    }
}

wire_object! {
    /// The answer to a [`WhatsAppThreadControl`].
    ///
    /// ```json
    /// {"messaging_product":"whatsapp"}
    /// ```
    pub struct WhatsAppThreadControlAnswer {
        /// `whatsapp`.
        pub messaging_product: String => always,
    }
}

impl WhatsAppThreadControl {
    fn new(action: &str, to: impl Into<String>) -> Self {
        Self {
            messaging_product: "whatsapp".to_owned(),
            action: action.to_owned(),
            to: Some(to.into()),
            ..Self::default()
        }
    }

    /// Gives control up: the Business Agent answers again.
    pub fn release(to: impl Into<String>) -> Self {
        Self::new("release", to)
    }

    /// Takes control; for the escalation partner only.
    pub fn take(to: impl Into<String>) -> Self {
        Self::new("take", to)
    }

    /// Passes control to the escalation partner.
    pub fn pass_to_partner(to: impl Into<String>) -> Self {
        Self::new("pass", to)
    }

    /// Passes control to the Business Agent.
    pub fn pass_to_agent(to: impl Into<String>) -> Self {
        Self {
            control_pass: Some(WhatsAppControlPass {
                target_role: "ai_agent".to_owned(),
                ..Default::default()
            }),
            ..Self::new("pass", to)
        }
    }
}

checked!(WhatsAppThreadControl: |request| {
    Limit::HandoverMetadata
        .characters("metadata", &request.metadata)
        .map_err(|exceeded| exceeded.of_call("thread_control"))
});

/// Event of thread control on WhatsApp, or in a thread that another app controls.
///
/// ```
/// use handover_protocol::{WhatsAppEvent, read};
///
/// let webhook = read(br#"{"object":"whatsapp_business_account","entry":[{"id":"7","changes":[
///     {"field":"standby","value":{"standby":{"messages":[{"from":"15551234567"}]}}}]}]}"#)?;
/// let Some(WhatsAppEvent::Standby(standby)) = WhatsAppEvent::of(&webhook.received[0]) else {
///     unreachable!()
/// };
/// assert_eq!(standby.standby.messages[0]["from"], "15551234567");
/// # Ok::<(), handover_protocol::ReadError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum WhatsAppEvent {
    /// Control has changed hands: the field `messaging_handovers`.
    Handover(WhatsAppHandover),
    /// Something happened in a thread that another app controls: the field `standby`.
    Standby(WhatsAppStandby),
}

impl WhatsAppEvent {
    /// Reads a received event, if it is one.
    pub fn of(received: &Received) -> Option<Self> {
        let EventBody::Unknown { name, value } = &received.event.body else {
            return None;
        };
        if received.object != Object::from(WHATSAPP) || received.channel != Channel::Changes {
            return None;
        }
        match name.as_str() {
            "messaging_handovers" => WhatsAppHandover::deserialize(value)
                .ok()
                .map(Self::Handover),
            "standby" => WhatsAppStandby::deserialize(value).ok().map(Self::Standby),
            _ => None,
        }
    }
}

wire_object! {
    /// Control of a thread on WhatsApp has changed hands. Only `metadata` is certain; everything else
    /// is in `extra`.
    ///
    /// ```json
    /// {"metadata":"ticket 7"}
    /// ```
    pub struct WhatsAppHandover {
        /// Metadata from the app that gave or took control.
        pub metadata: Option<Value>,
    }
}

wire_object! {
    /// Something happened in a thread on WhatsApp that another app controls.
    ///
    /// ```json
    /// {"standby":{"messages":[{"from":"15551234567"}]}}
    /// ```
    pub struct WhatsAppStandby {
        /// Events.
        pub standby: WhatsAppStandbyEvents => always,
    }
}

wire_object! {
    /// Events of a thread on WhatsApp that another app controls, in the form of WhatsApp.
    ///
    /// ```json
    /// {"messages":[{"from":"15551234567"}]}
    /// ```
    pub struct WhatsAppStandbyEvents {
        /// Messages of the person.
        pub messages: Vec<Value>,
        /// Messages of the owner.
        pub message_echoes: Vec<Value>,
        /// Statuses of messages.
        pub statuses: Vec<Value>,
    }
}
