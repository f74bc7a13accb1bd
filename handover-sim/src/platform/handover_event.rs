//! `messaging_handovers` events.

use handover_protocol::{
    AppId, EventBody, PassThreadControl, RequestThreadControl, TakeThreadControl,
};
use serde_json::{Map, Value};

use super::thread_tx::ThreadTx;
use super::{AppIds, Behavior, NoMetadata, PassFromIdle};

const PREVIOUS: &str = "previous_owner_app_id";
const NEW: &str = "new_owner_app_id";
const REQUESTED: &str = "requested_owner_app_id";

impl ThreadTx<'_> {
    pub(super) fn notify_passed(
        &mut self,
        previous: Option<AppId>,
        new: &AppId,
        metadata: Option<String>,
        entry_extra: Map<String, Value>,
    ) {
        let event = PassThreadControl {
            previous_owner_app_id: previous,
            new_owner_app_id: Some(new.clone()),
            metadata,
            ..PassThreadControl::default()
        };
        let body = spelt(EventBody::PassThreadControl(event), self.behavior);
        self.notify_with_extra(new, body, entry_extra);
    }

    pub(super) fn notify_taken(
        &mut self,
        app: &AppId,
        previous: Option<AppId>,
        new: &AppId,
        metadata: Option<&str>,
    ) {
        let event = TakeThreadControl {
            previous_owner_app_id: previous,
            new_owner_app_id: Some(new.clone()),
            metadata: metadata.map(str::to_owned),
            ..TakeThreadControl::default()
        };
        let body = spelt(EventBody::TakeThreadControl(event), self.behavior);
        self.notify(app, body);
    }

    pub(super) fn notify_requested(
        &mut self,
        app: &AppId,
        asker: &AppId,
        metadata: Option<String>,
    ) {
        let event = RequestThreadControl {
            requested_owner_app_id: Some(asker.clone()),
            metadata,
            ..RequestThreadControl::default()
        };
        let body = spelt(EventBody::RequestThreadControl(event), self.behavior);
        self.notify(app, body);
    }
}

/// Applies the settings of [`Behavior`] to the event. The types of the protocol only have the
/// default form, so other forms are plain JSON under the same name.
fn spelt(body: EventBody, behavior: Behavior) -> EventBody {
    let Ok(Value::Object(usual)) = body.content() else {
        return body;
    };
    let mut fields = usual.clone();
    if let EventBody::TakeThreadControl(_) = body {
        fields.entry(PREVIOUS).or_insert(Value::Null);
    }
    if behavior.pass_from_idle == PassFromIdle::Absent
        && matches!(body, EventBody::PassThreadControl(_))
        && fields.get(PREVIOUS) == Some(&Value::Null)
    {
        fields.remove(PREVIOUS);
    }
    if behavior.no_metadata == NoMetadata::Null {
        fields.entry("metadata").or_insert(Value::Null);
    }
    let as_text: &[&str] = match behavior.app_ids {
        AppIds::Numbers => &[],
        AppIds::Strings => &[PREVIOUS, NEW, REQUESTED],
        AppIds::Mixed => &[PREVIOUS, REQUESTED],
    };
    for key in as_text {
        if let Some(id) = fields.get_mut(*key)
            && id.is_number()
        {
            *id = Value::String(id.to_string());
        }
    }
    if fields == usual {
        return body;
    }
    EventBody::Unknown {
        name: body.kind().to_owned(),
        value: Value::Object(fields),
    }
}
