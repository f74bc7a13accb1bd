use handover::protocol::{AppId, Timestamp};
use serde_json::{Value, json};

/// A kind of event to send.
pub(super) struct Kind {
    /// The platform's name, if it has one.
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) shape: Shape,
}

/// Place of an event in the body, and the function that makes its keys.
pub(super) enum Shape {
    /// An action of the person.
    OfPerson(fn(&Details) -> Value),
    /// A message of the account.
    OfAccount(fn(&Details) -> Value),
    /// An event without a sender.
    OfNobody(fn(&Details) -> Value),
    /// An event on standby: another app owns the thread.
    Standby(fn(&Details) -> Value),
    /// A change that does not belong to a conversation.
    Change(&'static str, fn(&Details) -> Value),
    /// A voice call.
    Call(fn(&Details) -> Value),
}

/// Details of an event.
pub(super) struct Details {
    pub(super) text: Option<String>,
    pub(super) payload: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) metadata: Option<String>,
    pub(super) mid: Option<String>,
    pub(super) person: String,
    pub(super) account: String,
    /// The bot's own app.
    pub(super) bot: AppId,
    /// The other app.
    pub(super) app: AppId,
    pub(super) instagram: bool,
    pub(super) now: Timestamp,
}

impl Details {
    pub(super) fn text<'a>(&'a self, default: &'a str) -> &'a str {
        self.text.as_deref().unwrap_or(default)
    }

    pub(super) fn payload<'a>(&'a self, default: &'a str) -> &'a str {
        self.payload.as_deref().unwrap_or(default)
    }

    pub(super) fn reference(&self) -> &str {
        self.reference.as_deref().unwrap_or("summer")
    }

    /// Id of something that is sent now.
    pub(super) fn fresh_mid(&self) -> String {
        format!("m_trigger_{:x}", self.now.as_millis())
    }

    /// Id of an earlier message.
    pub(super) fn earlier_mid(&self) -> &str {
        self.mid.as_deref().unwrap_or("m_earlier")
    }

    /// App ids are numbers on the wire.
    pub(super) fn number(app: &AppId) -> Value {
        app.to_number()
            .map_or_else(|| json!(app), |number| json!(number))
    }

    /// A message of the person, with further keys.
    pub(super) fn message(&self, more: &Value) -> Value {
        let mut message = json!({"mid": self.fresh_mid()});
        if let (Some(message), Some(more)) = (message.as_object_mut(), more.as_object()) {
            message.extend(more.clone());
        }
        json!({"message": message})
    }
}
