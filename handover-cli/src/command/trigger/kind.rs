use handover::protocol::{AppId, Timestamp};
use serde_json::{Value, json};

/// A kind of event that can be sent.
pub(super) struct Kind {
    /// By the platform's name, where it has one.
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) shape: Shape,
}

/// Where an event stands in the body, and how its own keys are made.
pub(super) enum Shape {
    /// Something that the person did.
    OfPerson(fn(&Details) -> Value),
    /// Something that was said in the account's name.
    OfAccount(fn(&Details) -> Value),
    /// Something that nobody did.
    OfNobody(fn(&Details) -> Value),
    /// Something on standby: another app owns the thread.
    Standby(fn(&Details) -> Value),
    /// News that are not about a conversation.
    Change(&'static str, fn(&Details) -> Value),
    /// A telephone call.
    Call(fn(&Details) -> Value),
}

/// What an event is about.
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

    /// The id of something that is sent now.
    pub(super) fn fresh_mid(&self) -> String {
        format!("m_trigger_{:x}", self.now.as_millis())
    }

    /// The id of an earlier message.
    pub(super) fn earlier_mid(&self) -> &str {
        self.mid.as_deref().unwrap_or("m_earlier")
    }

    /// App ids are numbers on the wire.
    pub(super) fn number(app: &AppId) -> Value {
        app.to_number()
            .map_or_else(|| json!(app), |number| json!(number))
    }

    /// A message of the person, with what else it has.
    pub(super) fn message(&self, more: &Value) -> Value {
        let mut message = json!({"mid": self.fresh_mid()});
        if let (Some(message), Some(more)) = (message.as_object_mut(), more.as_object()) {
            message.extend(more.clone());
        }
        json!({"message": message})
    }
}
