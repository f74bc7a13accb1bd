//! A recording of the rules: what a bot would have written.

use handover_protocol::{
    AppId, ExtendThreadControlRequest, PassThreadControlRequest, PersonId,
    ReleaseThreadControlRequest, RequestThreadControlRequest, TakeThreadControlRequest, Timestamp,
};
use handover_sim::check::{CheckOptions, CheckReport, check};
use handover_sim::platform::{
    Account, ActionError, AppsecretProof, Behavior, CallContext, GraphResult, Platform, Post,
    Product, Routing, Step, WebhookDelivery, WebhookField,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use crate::support::rules::{BOT, INSTAGRAM, PAGE, Rules, SHOP};

/// The rules with a bot that records.
pub(crate) struct Recorded {
    pub(crate) rules: Rules,
    pub(crate) lines: Vec<Value>,
    /// Whether what no webhook shows is noted.
    pub(crate) notes_actions: bool,
    proof: bool,
}

impl Recorded {
    pub(crate) fn on(account: Account, behavior: Behavior) -> Self {
        let mut recorded = Self {
            rules: Rules::on(account).with_behavior(behavior),
            lines: vec![json!({"handover_recording": 1, "app": BOT})],
            notes_actions: false,
            proof: behavior.appsecret_proof == AppsecretProof::Optional,
        };
        recorded.ask_settings();
        recorded
    }

    pub(crate) fn page(routing: Routing, behavior: Behavior) -> Self {
        Self::on(Account::page(PAGE, "Kaffeehaus").routing(routing), behavior)
    }

    pub(crate) fn instagram(behavior: Behavior) -> Self {
        let account = Account::instagram(INSTAGRAM, "kaffeehaus", PAGE).default_app(BOT);
        Self::on(account, behavior)
    }

    /// What a bot asks for when it begins to record.
    fn ask_settings(&mut self) {
        let proof = std::mem::replace(&mut self.proof, true);
        let status = self.graph(|platform, call| {
            let status = platform.messaging_feature_status(call)?;
            Ok(quiet(
                json!({"messaging_feature_status": status, "id": PAGE}),
            ))
        });
        let query = json!({"fields": "messaging_feature_status"});
        self.line("GET", "me", query, json!({}), status);
        let others = self.graph(|platform, call| platform.secondary_receivers(call).map(quiet));
        self.line(
            "GET",
            &format!("{PAGE}/secondary_receivers"),
            json!({}),
            json!({}),
            others,
        );
        let fields = |product| WebhookField::all(product).map(|field| json!({"name": field}));
        let page: Vec<_> = WebhookField::all(Product::Messenger).collect();
        let apps = json!({"data": [{"id": BOT, "subscribed_fields": page}]});
        self.line(
            "GET",
            &format!("{PAGE}/subscribed_apps"),
            json!({}),
            json!({}),
            Ok(apps),
        );
        let subscriptions = json!({"data": [
            {"object": "page", "fields": fields(Product::Messenger).collect::<Vec<_>>()},
            {"object": "instagram", "fields": fields(Product::Instagram).collect::<Vec<_>>()},
        ]});
        self.line(
            "GET",
            &format!("{BOT}/subscriptions"),
            json!({}),
            json!({}),
            Ok(subscriptions),
        );
        self.proof = proof;
    }

    fn now(&self) -> i64 {
        self.rules.now.as_millis()
    }

    /// Writes what the bot gets.
    fn write(&mut self, deliveries: Vec<WebhookDelivery>) {
        let batching = self.rules.platform.behavior().batching;
        let own = deliveries
            .into_iter()
            .filter(|delivery| delivery.app == BOT)
            .collect();
        for post in Post::batched(own, batching) {
            let body = serde_json::to_value(post.envelope()).unwrap();
            let at = self.now() + 20;
            self.lines
                .push(json!({"type": "webhook", "at": at, "body": body}));
        }
    }

    /// Somebody acts, now.
    pub(crate) fn act<T>(
        &mut self,
        act: impl FnOnce(&mut Platform, &PersonId, Timestamp) -> Result<Step<T>, ActionError>,
    ) -> Option<T> {
        self.rules.later(1000);
        // With other choices, some of it cannot be done.
        let step = self.rules.act(act).ok()?;
        self.write(step.deliveries);
        Some(step.value)
    }

    pub(crate) fn says(&mut self, text: &str) -> String {
        let said = self.act(|platform, ana, now| platform.say(ana, text, now));
        said.expect("a person can write")
    }

    pub(crate) fn agent_says(&mut self, text: &str) {
        self.act(|platform, ana, now| platform.inbox_reply(ana, text, now));
    }

    pub(crate) fn agent_is_done(&mut self) {
        if self.notes_actions {
            self.lines
                .push(json!({"type": "action", "action": "inbox_done"}));
        }
        self.act(Platform::inbox_done);
    }

    pub(crate) fn later(&mut self, millis: i64) {
        self.rules.later(millis);
    }

    /// Another app calls, of which the bot has only what it gets.
    pub(crate) fn other<T>(
        &mut self,
        call: impl FnOnce(&mut Platform, &CallContext<'_>) -> GraphResult<T>,
    ) {
        self.rules.later(1000);
        if let Ok(step) = self.rules.call(&SHOP, call) {
            self.write(step.deliveries);
        }
    }

    fn graph<T: Serialize>(
        &mut self,
        call: impl FnOnce(&mut Platform, &CallContext<'_>) -> GraphResult<T>,
    ) -> Result<Value, Value> {
        self.rules.later(1000);
        let required = self.rules.platform.behavior().appsecret_proof == AppsecretProof::Required;
        if required && !self.proof {
            let error = json!({"code": 100, "type": "GraphMethodException", "message": "x"});
            return Err(json!({ "error": error }));
        }
        match self.rules.call(&BOT, call) {
            Ok(step) => {
                self.write(step.deliveries);
                Ok(serde_json::to_value(step.value).unwrap())
            }
            Err(refusal) => Err(serde_json::to_value(refusal.body("trace")).unwrap()),
        }
    }

    fn line(
        &mut self,
        method: &str,
        path: &str,
        query: Value,
        body: Value,
        answer: Result<Value, Value>,
    ) {
        let (status, answer) = match answer {
            Ok(answer) => (200, answer),
            Err(answer) => (400, answer),
        };
        let date = self.now() / 1000 * 1000;
        self.lines.push(json!({
            "type": "call", "at": self.now() - 5, "took": 40, "method": method,
            "path": format!("/{path}"), "query": query, "body": body, "proof": self.proof,
            "status": status, "date": date, "answer": answer,
        }));
    }

    /// The bot calls. The webhooks come before the answer is written, as is usual.
    pub(crate) fn calls(&mut self, edge: &str, mut body: Value) -> bool {
        body["recipient"] = json!({"id": self.rules.ana});
        let Value::Object(parameters) = body.clone() else {
            panic!("parameters are an object");
        };
        let answer = self.graph(|platform, call| run(platform, call, edge, &parameters));
        let succeeded = answer.is_ok();
        self.line("POST", &format!("{PAGE}/{edge}"), json!({}), body, answer);
        succeeded
    }

    pub(crate) fn sends(&mut self, message: Value) -> bool {
        self.calls(
            "messages",
            json!({"messaging_type": "RESPONSE", "message": message}),
        )
    }

    pub(crate) fn bot_says(&mut self, text: &str) -> bool {
        self.sends(json!({ "text": text }))
    }

    pub(crate) fn passes(&mut self, target: &AppId) -> bool {
        self.calls(
            "pass_thread_control",
            json!({"target_app_id": target, "metadata": "note"}),
        )
    }

    pub(crate) fn asks_for_the_owner(&mut self) {
        let ana = self.rules.ana.clone();
        let answer = self.graph(|platform, call| platform.thread_owner(call, &ana));
        let query = json!({ "recipient": ana });
        self.line(
            "GET",
            &format!("{PAGE}/thread_owner"),
            query,
            json!({}),
            answer,
        );
    }

    pub(crate) fn text(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    /// What the check says, with the choices of the documentation.
    pub(crate) fn checked(&self) -> CheckReport {
        check(self.text().as_bytes(), &CheckOptions::default()).unwrap()
    }
}

/// A step without webhooks.
fn quiet<T: Serialize>(value: T) -> Step<Value> {
    Step {
        value: serde_json::to_value(value).unwrap(),
        deliveries: Vec::new(),
    }
}

fn run(
    platform: &mut Platform,
    call: &CallContext<'_>,
    edge: &str,
    parameters: &Map<String, Value>,
) -> GraphResult<Value> {
    let whole = Value::Object(parameters.clone());
    let step = match edge {
        "messages" => {
            let step = platform.send_with(call, parameters, None)?;
            return Ok(Step {
                value: serde_json::to_value(step.value).unwrap(),
                deliveries: step.deliveries,
            });
        }
        "pass_thread_control" => {
            platform.pass_thread_control(call, &read::<PassThreadControlRequest>(whole))
        }
        "take_thread_control" => {
            platform.take_thread_control(call, &read::<TakeThreadControlRequest>(whole))
        }
        "request_thread_control" => {
            platform.request_thread_control(call, &read::<RequestThreadControlRequest>(whole))
        }
        "release_thread_control" => {
            platform.release_thread_control(call, &read::<ReleaseThreadControlRequest>(whole))
        }
        _ => platform.extend_thread_control(call, &read::<ExtendThreadControlRequest>(whole)),
    }?;
    Ok(Step {
        value: json!({"success": true}),
        deliveries: step.deliveries,
    })
}

fn read<T: DeserializeOwned>(value: Value) -> T {
    serde_json::from_value(value).unwrap()
}
