//! Calls of the bot, and what the rules answer.

use handover_protocol::{
    AccountId, ExtendThreadControlRequest, Message, PassThreadControlRequest, PersonId,
    ReleaseThreadControlRequest, RequestThreadControlRequest, TakeThreadControlRequest, Timestamp,
};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::compare::{Aspect, Mismatch, compare};
use super::replay::RulesReplay;
use super::rule::{self, AnswerCode};
use super::steps::{CallStep, StepContent};
use crate::platform::{
    AppsecretProof, CallContext, GraphResult, Platform, Product, Refusal, Routing, Step, Thread,
};

/// How long after an answer a webhook may come that tells of something before it.
const LATE: i64 = 5000;

/// A prediction: the answer, and what the call causes.
type Prediction = GraphResult<Value>;

impl RulesReplay<'_> {
    pub(super) fn call(&mut self, place: usize, line: usize, call: &CallStep) {
        self.result.calls += 1;
        let Some(succeeded) = call.succeeded() else {
            return self.skip(format!("calls without an answer: {}", title(call)));
        };
        let end = call.line.at.saturating_add(call.line.took);
        let time = call
            .line
            .date
            .unwrap_or(if self.now == 0 { end } else { self.now });
        self.now = self.now.max(time);
        let account = self.account_of(call);
        let Some(account) = account.filter(|_| is_checked(call)) else {
            return self.call_beside(line, call, succeeded);
        };
        let has_contact = call.edge == "messages" && call.person.is_none();
        if has_contact || call.line.upload {
            return self.skip(format!(
                "{}: its recipient or its content is not recorded",
                title(call)
            ));
        }
        if let Some(person) = &call.person {
            let is_stranger = matches!(call.error(), Some((_, Some(2_018_001 | 2_534_014))));
            if !is_stranger {
                let of = self.setup.persons.get(person).cloned();
                self.meet(person, &of.unwrap_or_else(|| account.clone()));
            }
        }
        self.platform.next_message(call.message_id());
        let person = call.person.clone();
        let before = person
            .as_ref()
            .and_then(|person| self.platform.thread(person).cloned());
        let prediction = predict(
            &mut self.platform,
            self.now,
            call,
            &account,
            &self.setup.bot,
        );
        let mismatches = differences(&prediction, call);
        if mismatches.is_empty() {
            return self.predicted(line, call, prediction);
        }
        if self.is_trouble(call, &prediction) {
            self.undo(before);
            return self.skip(format!("{}: errors that no rule is about", title(call)));
        }
        if let (Some(person), Some(before)) = (&person, &before)
            && let Some(prediction) = self.explained(place, person, before, call, &account)
        {
            return self.predicted(line, call, prediction);
        }
        let subject = format!("{} {}", call.line.method, title(call));
        let (product, routing) = self.product_and_routing(call, &account);
        let expected = prediction.as_ref().err().map(|it| (it.code, it.subcode));
        let rule = match &prediction {
            Err(refusal) if is_about_proof(refusal) => PROOF,
            _ if refused_for_proof(call) => PROOF,
            _ => rule::of_answer(&call.edge, product, &routing, expected, call.error()),
        };
        for mismatch in mismatches {
            self.report(line, &subject, mismatch, rule);
        }
        self.undo(before);
        if succeeded {
            self.force(line, call);
        }
    }

    fn undo(&mut self, before: Option<Thread>) {
        if let Some(before) = before {
            self.platform.restore(before);
        }
        self.platform.next_message(None);
    }

    fn account_of(&self, call: &CallStep) -> Option<AccountId> {
        let known = |id: &AccountId| {
            let mut accounts = self.platform.accounts().iter();
            accounts.any(|account| account.id == *id || account.graph_id() == id)
        };
        let object = AccountId::from(call.object.as_str());
        if known(&object) {
            return Some(object);
        }
        let first = || {
            self.platform
                .accounts()
                .first()
                .map(|account| account.graph_id().clone())
        };
        let named = call.line.account.clone().filter(known);
        (call.object == "me").then(|| named.or_else(first))?
    }

    fn product_and_routing(&self, call: &CallStep, account: &AccountId) -> (Product, Routing) {
        let thread = call
            .person
            .as_ref()
            .and_then(|person| self.platform.thread(person));
        let account = thread.map_or(account, |thread| &thread.account);
        match self.platform.account(account) {
            Some(account) => (account.product, account.routing.clone()),
            None => (Product::Messenger, Routing::ZeroConfig),
        }
    }

    fn predicted(&mut self, line: usize, call: &CallStep, prediction: Prediction) {
        let passes = call.parameters.get("thread_control").is_some();
        let (Ok(step), Some(person)) = (prediction, &call.person) else {
            return;
        };
        if self.shows_owner(call, person) {
            self.unsettled.remove(person);
        }
        self.expect(person, step.deliveries, line, passes);
    }

    /// Whether the success of a call shows who owns the thread.
    fn shows_owner(&self, call: &CallStep, person: &PersonId) -> bool {
        match call.edge.as_str() {
            // A request also succeeds if another app owns the thread: the event shows what came of it.
            "request_thread_control" => false,
            // The default app, and every app without one, may also send while nobody owns the thread.
            "messages" if call.parameters.get("thread_control").is_none() => {
                let routing = self.routing_of(person);
                !routing.is_some_and(|routing| {
                    *routing == Routing::ZeroConfig
                        || routing.default_app() == Some(&self.setup.bot)
                })
            }
            _ => call.line.method == "POST",
        }
    }

    /// A call of which only some consequences matter: what a menu says, and what the app is subscribed to.
    fn call_beside(&mut self, line: usize, call: &CallStep, succeeded: bool) {
        let required = self.platform.behavior().appsecret_proof == AppsecretProof::Required;
        let should_fail = required && !call.line.proof;
        if should_fail != refused_for_proof(call) {
            let (expected, found) = match should_fail {
                true => (Some((100, None)), None),
                false => (None, call.error()),
            };
            let mismatch = answer_mismatch(expected, found);
            let subject = format!("{} {}", call.line.method, title(call));
            return self.report(line, &subject, mismatch, PROOF);
        }
        if succeeded
            && call.edge == "messenger_profile"
            && call.line.method == "POST"
            && let Some(account) = self.account_of(call)
        {
            let (bot, now) = (&self.setup.bot, Timestamp::from_millis(self.now));
            let context = CallContext {
                app: bot,
                account: &account,
                now,
            };
            // What the simulator would refuse has no consequence here.
            let _ = self.platform.set_profile(&context, &call.parameters);
        }
        self.skip(format!("{} {}", call.line.method, title(call)));
    }

    /// Whether the platform itself had a problem, or the recording cannot say what the call is about.
    fn is_trouble(&self, call: &CallStep, prediction: &Prediction) -> bool {
        let is_transient =
            call.line.answer.pointer("/error/is_transient") == Some(&Value::Bool(true));
        let status = call.line.status.unwrap_or_default();
        let of_platform = matches!(
            call.error(),
            Some((-1 | 1 | 2 | 190 | 200..=299 | 368 | 1200, _))
        );
        let is_refused = call.error().is_some() || status >= 500;
        let trouble =
            is_refused && prediction.is_ok() && (is_transient || status >= 500 || of_platform);
        let text = Value::Object(call.parameters.clone()).to_string();
        let names_something = [
            "attachment_id",
            "persona_id",
            "\"template\"",
            "sticker_id",
            "\"elements\"",
        ];
        let is_unknown = prediction.is_err()
            && call.succeeded() == Some(true)
            && prediction.as_ref().err().is_some_and(|refusal| {
                refusal.code == 100 && refusal.subcode.is_none_or(|code| code != 2_534_037)
            })
            && names_something.iter().any(|key| text.contains(key));
        trouble || is_unknown
    }

    /// Looks for an order of events, or a change of control that the bot did not hear of, with which the answer
    /// follows from the rules.
    fn explained(
        &mut self,
        place: usize,
        person: &PersonId,
        before: &Thread,
        call: &CallStep,
        account: &AccountId,
    ) -> Option<Prediction> {
        let after = self.platform.thread(person).cloned()?;
        // The call may have been carried out before events that were recorded before its answer.
        let earlier = self.earlier.get(person).cloned().unwrap_or_default();
        for (_, thread) in earlier.iter().rev().filter(|(at, _)| *at >= call.line.at) {
            if self.try_from(thread.clone(), call, account).is_some() {
                // It stays as the events after it have left it.
                self.platform.restore(before.clone());
                let prediction =
                    predict(&mut self.platform, self.now, call, account, &self.setup.bot);
                return Some(prediction.or_else(|_| Ok(quiet(Value::Null))));
            }
        }
        // Or after events that came later.
        let end = call
            .line
            .at
            .saturating_add(call.line.took)
            .saturating_add(LATE);
        let later: Vec<_> = self.steps.iter().skip(place + 1).take(20).collect();
        self.platform.restore(before.clone());
        for step in later {
            let StepContent::Item(item) = &step.what else {
                continue;
            };
            if item.at > end || item.person.as_ref() != Some(person) {
                continue;
            }
            let by = call
                .line
                .date
                .map_or(item.time, |date| date.saturating_add(1000));
            if item.time > by.max(call.line.at.saturating_add(call.line.took)) {
                break;
            }
            self.play_ahead(person, item);
            let ahead = self.platform.thread(person).cloned()?;
            if self.try_from(ahead, call, account).is_some() {
                self.platform.restore(before.clone());
                return Some(match call.error() {
                    Some((code, subcode)) => Err(Refusal::recorded(code, subcode)),
                    None => Ok(quiet(Value::Null)),
                });
            }
        }
        // Or the thread has another owner.
        let unopened = self.unopened.contains(person);
        for owner in self.unseen_owners(person, before) {
            for opens in [false, true] {
                if opens && !unopened {
                    continue;
                }
                self.platform.restore(before.clone());
                self.platform.set_owner(person, owner.clone(), self.time());
                if opens {
                    self.platform.open_windows(person, self.time());
                }
                let thread = self.platform.thread(person).cloned()?;
                if let Some(prediction) = self.try_from(thread, call, account) {
                    return Some(prediction);
                }
            }
        }
        if unopened {
            self.platform.restore(before.clone());
            self.platform.open_windows(person, self.time());
            let thread = self.platform.thread(person).cloned()?;
            if let Some(prediction) = self.try_from(thread, call, account) {
                return Some(prediction);
            }
        }
        self.platform.restore(after);
        None
    }

    fn try_from(
        &mut self,
        thread: Thread,
        call: &CallStep,
        account: &AccountId,
    ) -> Option<Prediction> {
        self.platform.restore(thread);
        self.platform.next_message(call.message_id());
        let prediction = predict(&mut self.platform, self.now, call, account, &self.setup.bot);
        differences(&prediction, call)
            .is_empty()
            .then_some(prediction)
    }

    /// The call has succeeded, whatever the rules say.
    fn force(&mut self, line: usize, call: &CallStep) {
        let Some(person) = call.person.clone() else {
            return;
        };
        let (bot, now) = (self.setup.bot.clone(), self.time());
        match call.edge.as_str() {
            "take_thread_control" => self.platform.set_owner(&person, Some(bot), now),
            "release_thread_control" => self.platform.set_owner(&person, None, now),
            "pass_thread_control" => {
                let target = call.parameters.get("target_app_id");
                let target =
                    target.map(|id| id.as_str().map_or_else(|| id.to_string(), str::to_owned));
                let target = target.map(handover_protocol::AppId::new);
                self.platform.set_owner(&person, target, now);
            }
            "messages" if call.message_id().is_some() => {
                let echo = Message {
                    mid: call.message_id().map(str::to_owned),
                    text: call.parameters.get("message").and_then(text_of),
                    is_echo: true,
                    ..Message::default()
                };
                let sent = self.platform.replay_echo(&person, &echo, bot, None, now);
                self.expect(&person, sent, line, false);
            }
            _ => {}
        }
    }
}

const PROOF: &str = "a_proof_has_to_be_right_and_may_be_required";

fn text_of(message: &Value) -> Option<String> {
    message.get("text")?.as_str().map(str::to_owned)
}

/// What the recording calls it.
fn title(call: &CallStep) -> &str {
    match (call.edge.as_str(), call.object.as_str()) {
        ("", "me") => "me",
        ("", _) => "an object by its id",
        (edge, _) => edge,
    }
}

/// Whether the rules say what the call is answered.
fn is_checked(call: &CallStep) -> bool {
    match call.line.method.as_str() {
        "POST" => call.edge == "messages" || call.edge.ends_with("_thread_control"),
        "GET" => call.edge == "thread_owner",
        _ => false,
    }
}

fn refused_for_proof(call: &CallStep) -> bool {
    let kind = call
        .line
        .answer
        .pointer("/error/type")
        .and_then(Value::as_str);
    call.error() == Some((100, None)) && kind == Some("GraphMethodException") && !call.line.proof
}

fn is_about_proof(refusal: &Refusal) -> bool {
    refusal.kind == "GraphMethodException" && refusal.code == 100 && refusal.subcode.is_none()
}

fn predict(
    platform: &mut Platform,
    now: i64,
    call: &CallStep,
    account: &AccountId,
    app: &handover_protocol::AppId,
) -> Prediction {
    if platform.behavior().appsecret_proof == AppsecretProof::Required && !call.line.proof {
        return Err(Refusal::no_appsecret_proof());
    }
    let context = CallContext {
        app,
        account,
        now: Timestamp::from_millis(now),
    };
    let counted = platform.count_call(&context, &call.edge);
    // The daily limit grows with the people of the account, and a recording has only some of them.
    if matches!(call.error(), Some((80_000..=80_014, _))) {
        counted?;
    }
    match call.edge.as_str() {
        "messages" => written(platform.send_with(&context, &call.parameters, None)),
        "pass_thread_control" => control::<PassThreadControlRequest>(call, |request| {
            platform.pass_thread_control(&context, request)
        }),
        "take_thread_control" => control::<TakeThreadControlRequest>(call, |request| {
            platform.take_thread_control(&context, request)
        }),
        "request_thread_control" => control::<RequestThreadControlRequest>(call, |request| {
            platform.request_thread_control(&context, request)
        }),
        "release_thread_control" => control::<ReleaseThreadControlRequest>(call, |request| {
            platform.release_thread_control(&context, request)
        }),
        "extend_thread_control" => control::<ExtendThreadControlRequest>(call, |request| {
            platform.extend_thread_control(&context, request)
        }),
        _ => match &call.person {
            Some(person) => written(platform.thread_owner(&context, person)),
            None => Err(Refusal::parameter("The parameter recipient is required")),
        },
    }
}

fn control<T: DeserializeOwned>(
    call: &CallStep,
    act: impl FnOnce(&T) -> GraphResult<()>,
) -> Prediction {
    let parameters = Value::Object(call.parameters.clone());
    let request = serde_json::from_value(parameters)
        .map_err(|error| Refusal::parameter(format_args!("Invalid parameter: {error}")))?;
    act(&request).map(|step| Step {
        value: json!({"success": true}),
        deliveries: step.deliveries,
    })
}

fn written<T: serde::Serialize>(answer: GraphResult<T>) -> Prediction {
    answer.map(|step| Step {
        value: serde_json::to_value(&step.value).unwrap_or_default(),
        deliveries: step.deliveries,
    })
}

fn quiet(value: Value) -> Step<Value> {
    Step {
        value,
        deliveries: Vec::new(),
    }
}

/// What differs between the answer of the rules and the recorded one.
fn differences(prediction: &Prediction, call: &CallStep) -> Vec<Mismatch> {
    let found = call.error();
    match (prediction, call.succeeded()) {
        (Ok(step), Some(true)) => {
            let mut mismatches = Vec::new();
            compare("", &step.value, &call.line.answer, &mut mismatches);
            // It is made up where an attachment was saved.
            mismatches.retain(|mismatch| {
                mismatch.path != "attachment_id" || mismatch.aspect != Aspect::Value
            });
            for mismatch in &mut mismatches {
                if mismatch.path == "data" {
                    mismatch.aspect = Aspect::Answer;
                }
            }
            mismatches
        }
        (Ok(_), _) => vec![answer_mismatch(None, Some(found.unwrap_or_default()))],
        (Err(refusal), Some(true)) => {
            vec![answer_mismatch(Some((refusal.code, refusal.subcode)), None)]
        }
        (Err(refusal), _) => {
            let expected = (refusal.code, refusal.subcode);
            let kinds = (refused_for_proof(call), is_about_proof(refusal));
            match found {
                Some(found) if found == expected && kinds.0 == kinds.1 => Vec::new(),
                found => vec![answer_mismatch(Some(expected), found)],
            }
        }
    }
}

fn answer_mismatch(expected: AnswerCode, found: AnswerCode) -> Mismatch {
    let shown = |code: AnswerCode| match code {
        None => Value::from("success"),
        Some((code, None)) => format!("error {code}").into(),
        Some((code, Some(subcode))) => format!("error {code}/{subcode}").into(),
    };
    Mismatch {
        aspect: match (expected, found) {
            (Some(_), Some(_)) => Aspect::ErrorCode,
            _ => Aspect::Answer,
        },
        path: String::new(),
        expected: Some(shown(expected)),
        found: Some(shown(found)),
    }
}
