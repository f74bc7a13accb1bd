//! Recordings written by hand, with the forms that Meta documents.

use handover_sim::check::{CheckOptions, CheckReport, check};
use serde_json::{Value, json};

const PAGE: &str = "104508901353867";
const ANA: &str = "5794982867201265";
const BOT: u64 = 1_517_776_481_860_111;
const INBOX: u64 = 263_902_037_430_900;
const LEADGEN: u64 = 413_038_776_280_800;
const START: i64 = 1_790_000_000_000;

/// Writes a recording, with a second between the lines.
struct Lines(Vec<Value>);

impl Lines {
    fn new() -> Self {
        Self(vec![
            json!({"handover_recording": 1, "app": BOT.to_string()}),
        ])
    }

    fn now(&self) -> i64 {
        START + 1000 * i64::try_from(self.0.len()).unwrap()
    }

    /// An entry with one item.
    fn entry(mut self, channel: &str, item: Value, beside: Value) -> Self {
        let now = self.now();
        let mut entry = json!({"id": PAGE, "time": now, channel: [item]});
        entry
            .as_object_mut()
            .unwrap()
            .extend(beside.as_object().unwrap().clone());
        let body = json!({"object": "page", "entry": [entry]});
        self.0
            .push(json!({"type": "webhook", "at": now + 300, "body": body}));
        self
    }

    fn person(self, channel: &str, content: Value) -> Self {
        let mut item = json!({
            "sender": {"id": ANA}, "recipient": {"id": PAGE}, "timestamp": self.now(),
        });
        item.as_object_mut()
            .unwrap()
            .extend(content.as_object().unwrap().clone());
        self.entry(channel, item, json!({}))
    }

    fn echo(self, channel: &str, message: Value) -> Self {
        let item = json!({
            "sender": {"id": PAGE}, "recipient": {"id": ANA}, "timestamp": self.now(),
            "message": message,
        });
        self.entry(channel, item, json!({}))
    }

    fn call(mut self, edge: &str, body: Value, status: u16, answer: Value) -> Self {
        let now = self.now();
        let mut body = body;
        body["recipient"] = json!({"id": ANA});
        self.0.push(json!({
            "type": "call", "at": now, "took": 100, "method": "POST",
            "path": format!("/{PAGE}/{edge}"), "body": body, "status": status, "answer": answer,
        }));
        self
    }

    fn get(mut self, path: &str, query: Value, answer: Value) -> Self {
        let now = self.now();
        self.0.push(json!({
            "type": "call", "at": now, "took": 100, "method": "GET", "path": path,
            "query": query, "status": 200, "answer": answer,
        }));
        self
    }

    fn checked(&self) -> CheckReport {
        let text: String = self.0.iter().map(|line| format!("{line}\n")).collect();
        check(text.as_bytes(), &CheckOptions::default()).unwrap()
    }

    fn agrees(&self) {
        let report = self.checked();
        assert!(report.agrees(), "{report}");
    }

    /// Places and rules of the differences.
    fn differs(&self, expected: &[(&str, &str)]) {
        let report = self.checked();
        let found: Vec<_> = report
            .differences
            .iter()
            .map(|it| (&*it.path, it.rule.id))
            .collect();
        assert_eq!(found, expected, "{report}");
    }
}

fn sent(mid: &str) -> Value {
    json!({"recipient_id": ANA, "message_id": mid})
}

fn error(code: i64, subcode: i64) -> Value {
    json!({"error": {
        "message": "x", "type": "OAuthException", "code": code, "error_subcode": subcode, "fbtrace_id": "y",
    }})
}

#[test]
fn a_conversation_that_is_handed_over_and_back() {
    Lines::new()
        .get(
            "/me",
            json!({"fields": "messaging_feature_status"}),
            json!({"messaging_feature_status": {"hop_v2": false, "msgr_multi_app": true, "ig_multi_app": false}, "id": PAGE}),
        )
        .person("messaging", json!({"message": {"mid": "m_1", "text": "an agent please"}}))
        .call("messages", json!({"message": {"text": "One moment"}}), 200, sent("m_2"))
        .echo("messaging", json!({"is_echo": true, "app_id": BOT, "mid": "m_2", "text": "One moment"}))
        .person("messaging", json!({"delivery": {"mids": ["m_2"], "watermark": START}}))
        .get(
            &format!("/{PAGE}/thread_owner"),
            json!({"recipient": ANA}),
            json!({"data": [{"thread_owner": {"app_id": BOT.to_string(), "expiration": 1_790_000_000}}]}),
        )
        .call(
            "pass_thread_control",
            json!({"target_app_id": INBOX.to_string(), "metadata": "{\"reason\":\"agent\"}"}),
            200,
            json!({"success": true}),
        )
        .person("standby", json!({"message": {"mid": "m_3", "text": "hello?"}}))
        .call("messages", json!({"message": {"text": "too late"}}), 400, error(10, 2_018_300))
        .echo("standby", json!({"mid": "m_4", "is_echo": true, "app_id": INBOX, "text": "Hi, this is Ben"}))
        .person("standby", json!({"read": {"watermark": START}}))
        .person("messaging", json!({"pass_thread_control": {
            "previous_owner_app_id": INBOX, "new_owner_app_id": BOT,
        }}))
        .call("messages", json!({"message": {"text": "I am back"}}), 200, sent("m_5"))
        .echo("messaging", json!({"is_echo": true, "app_id": BOT, "mid": "m_5", "text": "I am back"}))
        .person("messaging", json!({"take_thread_control": {
            "previous_owner_app_id": BOT, "new_owner_app_id": INBOX,
        }}))
        .call("release_thread_control", json!({}), 400, json!({"error": {"code": 100, "message": "x"}}))
        .agrees();
}

#[test]
fn what_a_person_does() {
    let quick = json!({"text": "Which?", "quick_replies": [
        {"content_type": "text", "title": "Red", "payload": "PICK_RED"},
    ]});
    Lines::new()
        .person(
            "messaging",
            json!({"postback": {
                "mid": "m_1", "title": "Get Started", "payload": "GET_STARTED",
                "referral": {"ref": "R", "source": "SHORTLINK", "type": "OPEN_THREAD"},
            }}),
        )
        .call("messages", json!({ "message": quick }), 200, sent("m_2"))
        .echo(
            "messaging",
            json!({"is_echo": true, "app_id": BOT, "mid": "m_2", "text": "Which?"}),
        )
        .person(
            "messaging",
            json!({"message": {
                "mid": "m_3", "text": "Red", "quick_reply": {"payload": "PICK_RED"},
            }}),
        )
        .person(
            "messaging",
            json!({"message": {
                "mid": "m_4", "text": "yes", "reply_to": {"mid": "m_2", "is_self_reply": false},
            }}),
        )
        .person(
            "messaging",
            json!({"message": {"mid": "m_5", "attachments": [
                {"type": "image", "payload": {"url": "https://cdn.example/1.jpg"}},
            ]}}),
        )
        .person(
            "messaging",
            json!({"message": {"mid": "m_6", "text": "look https://x.example", "attachments": [
                {"type": "fallback", "payload": {"url": "https://x.example", "title": "X"}},
            ]}}),
        )
        .person(
            "messaging",
            json!({"message_edit": {"mid": "m_4", "text": "no", "num_edit": 1}}),
        )
        .person(
            "messaging",
            json!({"reaction": {
                "reaction": "love", "emoji": "\u{2764}\u{fe0f}", "action": "react", "mid": "m_2",
            }}),
        )
        .person(
            "messaging",
            json!({"reaction": {"action": "unreact", "mid": "m_2"}}),
        )
        .person("messaging", json!({"read": {"watermark": START}}))
        .person(
            "messaging",
            json!({"referral": {"ref": "R", "source": "SHORTLINK", "type": "OPEN_THREAD"}}),
        )
        .person("messaging", json!({"optin": {"ref": "PASS_THROUGH"}}))
        .person(
            "messaging",
            json!({"account_linking": {"status": "unlinked"}}),
        )
        .agrees();
}

#[test]
fn a_lead_ad_ends_with_a_hop_context_in_the_entry() {
    let lines = Lines::new();
    let item = json!({
        "recipient": {"id": PAGE}, "timestamp": lines.now(), "sender": {"id": ANA},
        "pass_thread_control": {
            "previous_owner_app_id": LEADGEN, "new_owner_app_id": BOT,
            "metadata": "messenger_lead_gen_complete",
        },
    });
    let hop = json!({"hop_context": [{"app_id": BOT, "metadata": "messenger_lead_gen_complete"}]});
    lines.entry("messaging", item, hop).agrees();
}

/// Where the documentation contradicts itself, the choice is named.
#[test]
fn documented_forms_that_are_choices() {
    let lines = Lines::new()
        .person(
            "messaging",
            json!({"message": {"mid": "m_1", "text": "hello"}}),
        )
        .call(
            "messages",
            json!({"message": {"text": "hi"}}),
            200,
            sent("m_2"),
        )
        .person(
            "messaging",
            json!({"take_thread_control": {
                "previous_owner_app_id": BOT.to_string(), "new_owner_app_id": INBOX.to_string(),
                "metadata": null,
            }}),
        );
    lines.differs(&[
        (
            "take_thread_control.metadata",
            "metadata_that_nobody_gave_is_absent",
        ),
        (
            "take_thread_control.new_owner_app_id",
            "app_ids_are_numbers",
        ),
        (
            "take_thread_control.previous_owner_app_id",
            "app_ids_are_numbers",
        ),
    ]);
    let report = lines.checked();
    let choices: Vec<_> = report
        .differences
        .iter()
        .filter_map(|it| it.explained_by.clone())
        .collect();
    assert_eq!(choices.len(), 3, "{report}");
    let text = report.to_string();
    assert!(
        text.contains(
            "With `app_ids` = \"strings\" the simulator does the same: 2 differences less."
        ),
        "{text}"
    );
}

#[test]
fn a_postback_on_standby_without_anything() {
    Lines::new()
        .person(
            "messaging",
            json!({"message": {"mid": "m_1", "text": "hello"}}),
        )
        .call(
            "pass_thread_control",
            json!({"target_app_id": INBOX}),
            200,
            json!({"success": true}),
        )
        .person("standby", json!({"postback": {}}))
        .differs(&[
            (
                "postback.mid",
                "a_tap_on_the_owners_button_is_whole_to_it_and_has_no_payload_on_standby",
            ),
            (
                "postback.title",
                "a_tap_on_the_owners_button_is_whole_to_it_and_has_no_payload_on_standby",
            ),
        ]);
}

#[test]
fn the_handover_protocol() {
    let roles = json!({"recipient": {"id": PAGE}, "timestamp": START, "app_roles": {"1517776481860111": ["primary_receiver"]}});
    Lines::new()
        .entry("messaging", roles, json!({}))
        .person(
            "messaging",
            json!({"message": {"mid": "m_1", "text": "hello"}}),
        )
        .call(
            "pass_thread_control",
            json!({"target_app_id": "2262510160704936"}),
            200,
            json!({"success": true}),
        )
        .person(
            "messaging",
            json!({"request_thread_control": {
                "requested_owner_app_id": 2_262_510_160_704_937_u64, "metadata": "please",
            }}),
        )
        .call(
            "take_thread_control",
            json!({}),
            200,
            json!({"success": true}),
        )
        .person(
            "messaging",
            json!({"message": {"mid": "m_2", "text": "back?"}}),
        )
        .agrees();
}

#[test]
fn roles_come_without_a_sender() {
    let roles = json!({"sender": {"id": ANA}, "recipient": {"id": PAGE}, "timestamp": START, "app_roles": {"1": ["primary_receiver"]}});
    Lines::new()
        .entry("messaging", roles, json!({}))
        .person(
            "messaging",
            json!({"message": {"mid": "m_1", "text": "hello"}}),
        )
        .differs(&[("sender", "app_roles_has_no_sender_and_goes_to_messaging")]);
}

#[test]
fn what_the_simulator_does_not_know_is_not_compared() {
    let report = Lines::new()
        .person(
            "messaging",
            json!({"message": {"mid": "m_1", "text": "hello"}}),
        )
        .person(
            "messaging",
            json!({"policy_enforcement": {"action": "block", "reason": "x"}}),
        )
        .person("messaging", json!({"balloon": {"colour": "red"}}))
        .checked();
    assert!(report.agrees(), "{report}");
    assert!(report.to_string().contains("balloon"), "{report}");
}
