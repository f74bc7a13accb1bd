//! Calls with parameters as they come over the network.

use handover_protocol::AppId;
use handover_sim::platform::{CallContext, GraphResult, Parameters, Platform, UploadedFile};
use serde_json::{Value, json};

use crate::support::rules::{BOT, Rules};

/// Code and subcode of a refusal.
pub(crate) type Refused = (i64, Option<i64>);

/// A parameter is wrong.
pub(crate) const PARAMETER: Refused = (100, None);

/// One of the graph's functions with parameters.
type Edge = fn(&mut Platform, &CallContext<'_>, &Parameters) -> GraphResult<Value>;

impl Rules {
    /// `POST …/messages` by the bot.
    pub(crate) fn post(&mut self, body: Value) -> Result<Value, Refused> {
        self.post_as(&BOT, body, None)
    }

    pub(crate) fn post_as(
        &mut self,
        app: &AppId,
        body: Value,
        upload: Option<&UploadedFile>,
    ) -> Result<Value, Refused> {
        let body = parameters(body);
        self.call(app, |platform, call| {
            platform.send_with(call, &body, upload)
        })
        .map(|step| serde_json::to_value(step.value).unwrap())
        .map_err(|refusal| (refusal.code, refusal.subcode))
    }

    /// A message to Ana by the bot.
    pub(crate) fn message(&mut self, message: Value) -> Result<Value, Refused> {
        let body = json!({"recipient": {"id": self.ana}, "message": message});
        self.post(body)
    }

    /// An attachment to Ana by the bot.
    pub(crate) fn attach(&mut self, kind: &str, payload: Value) -> Result<Value, Refused> {
        self.message(json!({"attachment": {"type": kind, "payload": payload}}))
    }

    /// A template to Ana by the bot.
    pub(crate) fn template(&mut self, payload: Value) -> Result<(), Refused> {
        self.attach("template", payload).map(drop)
    }

    /// Any other call by the bot.
    pub(crate) fn ask(&mut self, edge: Edge, body: Value) -> Result<Value, Refused> {
        let body = parameters(body);
        self.ask_of(|platform, call| edge(platform, call, &body))
    }

    pub(crate) fn ask_of(
        &mut self,
        call: impl FnOnce(&mut Platform, &CallContext<'_>) -> GraphResult<Value>,
    ) -> Result<Value, Refused> {
        self.call(&BOT, call)
            .map(|step| step.value)
            .map_err(|refusal| (refusal.code, refusal.subcode))
    }
}

fn parameters(body: Value) -> Parameters {
    match body {
        Value::Object(fields) => fields,
        other => panic!("parameters are an object, not {other}"),
    }
}

pub(crate) fn long(length: usize) -> String {
    "ä".repeat(length)
}

/// A JSON value with one place in it changed.
pub(crate) fn with(mut value: Value, pointer: &str, change: Value) -> Value {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = value.pointer_mut(parent).unwrap();
    match parent {
        Value::Array(elements) => elements[key.parse::<usize>().unwrap()] = change,
        parent => parent[key] = change,
    }
    value
}
