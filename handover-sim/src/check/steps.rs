//! The lines of a recording as what happened, in order.

use std::collections::BTreeMap;

use handover_protocol::{AccountId, AppId, Channel, Event, EventBody, PersonId};
use serde_json::{Map, Value};

use super::recording::{ActionLine, GraphCallLine, RecordedLine};
use crate::platform::Product;

/// Something that happened, with the number of its line.
#[derive(Debug)]
pub(super) struct ReplayStep {
    pub(super) line: usize,
    pub(super) what: StepContent,
}

#[derive(Debug)]
pub(super) enum StepContent {
    Item(Box<ReceivedItem>),
    Call(Box<CallStep>),
    Action(ActionLine),
    /// One body has more than one entry, or one entry more than one item.
    Batched {
        entries: usize,
        items: usize,
    },
    /// Lines are missing here.
    Lost,
}

/// An item of a webhook.
#[derive(Debug)]
pub(super) struct ReceivedItem {
    pub(super) at: i64,
    pub(super) product: Product,
    pub(super) account: AccountId,
    pub(super) channel: Channel,
    pub(super) event: Event,
    /// As it came.
    pub(super) raw: Value,
    /// Keys of its entry besides `id`, `time` and the channels.
    pub(super) entry_extra: Map<String, Value>,
    /// Time of the platform.
    pub(super) time: i64,
    pub(super) person: Option<PersonId>,
}

/// A call.
#[derive(Debug)]
pub(super) struct CallStep {
    pub(super) line: GraphCallLine,
    /// First segment of the path.
    pub(super) object: String,
    /// The rest of the path.
    pub(super) edge: String,
    /// Parameters of query and body.
    pub(super) parameters: Map<String, Value>,
    pub(super) person: Option<PersonId>,
}

impl CallStep {
    fn of(line: &GraphCallLine) -> Self {
        let path = line.path.trim_matches('/');
        let (object, edge) = path.split_once('/').unwrap_or((path, ""));
        let mut parameters = line.query.clone();
        parameters.extend(line.body.clone());
        let person = ["recipient", "psid", "user"].iter().find_map(|key| {
            let value = parameters.get(*key)?;
            match value.get("id").unwrap_or(value) {
                Value::String(id) => Some(PersonId::from(id.as_str())),
                Value::Number(id) => Some(PersonId::new(id.to_string())),
                _ => None,
            }
        });
        Self {
            object: object.to_owned(),
            edge: edge.to_owned(),
            person,
            parameters,
            line: line.clone(),
        }
    }

    /// Id of the message that was sent.
    pub(super) fn message_id(&self) -> Option<&str> {
        self.line.answer.get("message_id")?.as_str()
    }

    /// Whether the call succeeded. `None`: there was no answer.
    pub(super) fn succeeded(&self) -> Option<bool> {
        let status = self.line.status?;
        Some((200..300).contains(&status) && self.line.answer.get("error").is_none())
    }

    /// Code and subcode of the error.
    pub(super) fn error(&self) -> Option<(i64, Option<i64>)> {
        let error = self.line.answer.get("error")?;
        let code = error.get("code")?.as_i64()?;
        Some((code, error.get("error_subcode").and_then(Value::as_i64)))
    }
}

/// Puts the lines in the order in which things happened: a call is written when it is answered, but some of
/// what it caused may have come before.
pub(super) fn steps(lines: &[(usize, RecordedLine)], bot: &AppId) -> Vec<ReplayStep> {
    let mut steps = Vec::new();
    for (line, recorded) in lines {
        let line = *line;
        match recorded {
            RecordedLine::Webhook { at, body } => webhook(line, *at, body, &mut steps),
            RecordedLine::Call(call) => steps.push(ReplayStep {
                line,
                what: StepContent::Call(Box::new(CallStep::of(call))),
            }),
            RecordedLine::Action(action) => steps.push(ReplayStep {
                line,
                what: StepContent::Action(action.clone()),
            }),
            RecordedLine::Lost { .. } => steps.push(ReplayStep {
                line,
                what: StepContent::Lost,
            }),
            RecordedLine::Start { .. } | RecordedLine::End => {}
        }
    }
    let mut by_message = BTreeMap::new();
    let mut handovers: BTreeMap<PersonId, Vec<usize>> = BTreeMap::new();
    for (place, step) in steps.iter().enumerate() {
        let StepContent::Item(item) = &step.what else {
            continue;
        };
        for mid in mids(&item.event.body) {
            by_message.entry(mid.to_owned()).or_insert(place);
        }
        if let (Some(person), true) = (&item.person, makes_owner(&item.event.body, bot)) {
            handovers.entry(person.clone()).or_default().push(place);
        }
    }
    // A call comes before the first item that it caused.
    let mut keyed: Vec<_> = (0..steps.len()).map(|place| (place, 1, place)).collect();
    for (place, step) in steps.iter().enumerate() {
        let StepContent::Call(call) = &step.what else {
            continue;
        };
        let echo = call
            .message_id()
            .and_then(|mid| by_message.get(mid))
            .copied();
        let of_person = call
            .person
            .as_ref()
            .and_then(|person| handovers.get(person));
        let handover = of_person.into_iter().flatten().copied().find(|item| {
            let began_before =
                matches!(&steps[*item].what, StepContent::Item(item) if item.at >= call.line.at);
            *item < place && began_before && claims(&call.edge)
        });
        if let Some(first) = [echo, handover].into_iter().flatten().min()
            && first < place
        {
            keyed[place] = (first, 0, place);
        }
    }
    keyed.sort_unstable();
    let mut steps: Vec<_> = steps.into_iter().map(Some).collect();
    let ordered = keyed
        .into_iter()
        .filter_map(|(.., place)| steps[place].take());
    ordered.collect()
}

/// Whether a call of this edge can give the thread to its caller.
fn claims(edge: &str) -> bool {
    matches!(
        edge,
        "take_thread_control" | "request_thread_control" | "pass_thread_control"
    )
}

/// Whether the event says that this app owns the thread now.
fn makes_owner(body: &EventBody, app: &AppId) -> bool {
    match body {
        EventBody::PassThreadControl(pass) => pass.new_owner_app_id.as_ref() == Some(app),
        EventBody::TakeThreadControl(take) => take.new_owner_app_id.as_ref() == Some(app),
        _ => false,
    }
}

/// Ids of the messages of an echo or a delivery.
fn mids(body: &EventBody) -> Vec<&str> {
    match body {
        EventBody::Echo(echo) => echo.mid.as_deref().into_iter().collect(),
        EventBody::Delivery(delivery) => delivery.mids.iter().map(String::as_str).collect(),
        _ => Vec::new(),
    }
}

fn webhook(line: usize, at: i64, body: &Value, steps: &mut Vec<ReplayStep>) {
    let product = match body.get("object").and_then(Value::as_str) {
        Some("instagram") => Product::Instagram,
        _ => Product::Messenger,
    };
    let entries = body.get("entry").and_then(Value::as_array);
    let entries = entries.map(Vec::as_slice).unwrap_or_default();
    let before = steps.len();
    let mut most = 0;
    for entry in entries.iter().filter_map(Value::as_object) {
        let account = match entry.get("id") {
            Some(Value::String(id)) => AccountId::from(id.as_str()),
            Some(Value::Number(id)) => AccountId::new(id.to_string()),
            _ => continue,
        };
        let channels = [Channel::Messaging, Channel::Standby, Channel::Changes];
        let mut entry_extra = entry.clone();
        entry_extra.retain(|key, _| {
            let is_channel = channels.iter().any(|channel| channel.as_str() == key);
            !is_channel && key != "id" && key != "time"
        });
        let mut items_here = 0;
        for channel in channels {
            let items = entry.get(channel.as_str()).and_then(Value::as_array);
            for raw in items.into_iter().flatten() {
                items_here += 1;
                let event: Event = serde_json::from_value(raw.clone()).unwrap_or_default();
                let said = event.timestamp.map(handover_protocol::Timestamp::as_millis);
                let time = said.or_else(|| entry.get("time").and_then(Value::as_i64));
                let item = ReceivedItem {
                    at,
                    product,
                    channel,
                    person: event.person(&account).cloned(),
                    account: account.clone(),
                    event,
                    raw: raw.clone(),
                    entry_extra: entry_extra.clone(),
                    time: time.unwrap_or(at),
                };
                steps.push(ReplayStep {
                    line,
                    what: StepContent::Item(Box::new(item)),
                });
            }
        }
        most = most.max(items_here);
    }
    if entries.len() > 1 || most > 1 {
        let batched = ReplayStep {
            line,
            what: StepContent::Batched {
                entries: entries.len(),
                items: most,
            },
        };
        steps.insert(before, batched);
    }
}
