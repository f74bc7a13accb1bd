//! Whatever is sent, the answer is one of the platform's, and nothing else happens.

use handover_sim::platform::{Parameters, UploadedFile};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::support::rules::{BOT, Rules};

/// Any JSON, made of the words that mean something here.
fn anything() -> impl Strategy<Value = Value> {
    let word = prop::sample::select(vec![
        "RESPONSE",
        "UTILITY",
        "HUMAN_AGENT",
        "typing_on",
        "react",
        "image",
        "template",
        "button",
        "generic",
        "media",
        "receipt",
        "product",
        "coupon",
        "customer_feedback",
        "image_grid",
        "postback",
        "web_url",
        "https://x.example",
        "pass",
        "default",
        "1",
        "true",
        "",
        "ä",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        word.prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
    ];
    let key = prop::sample::select(vec![
        "id",
        "user_ref",
        "text",
        "attachment",
        "attachments",
        "type",
        "payload",
        "template_type",
        "elements",
        "buttons",
        "title",
        "url",
        "quick_replies",
        "content_type",
        "metadata",
        "sticker_id",
        "mid",
        "message_id",
        "reaction",
        "app_id",
        "control_type",
        "name",
        "language",
        "code",
        "components",
        "parameters",
        "questions",
        "feedback_screens",
        "locale",
        "call_to_actions",
        "images",
        "summary",
        "is_reusable",
        "attachment_id",
    ]);
    leaf.prop_recursive(5, 40, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..5).prop_map(object),
        ]
    })
}

fn object(fields: Vec<(&'static str, Value)>) -> Value {
    fields
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect::<Map<_, _>>()
        .into()
}

fn calls() -> impl Strategy<Value = Parameters> {
    let name = prop::sample::select(vec![
        "recipient",
        "message",
        "messaging_type",
        "sender_action",
        "payload",
        "tag",
        "reply_to",
        "thread_control",
        "template",
        "persona_id",
        "notification_type",
        "fields",
        "limit",
        "after",
        "before",
        "platform",
        "user_id",
        "user_ids",
        "actions",
        "persistent_menu",
        "get_started",
        "greeting",
        "ice_breakers",
        "commands",
        "whitelisted_domains",
        "psid",
        "params",
        "subscribed_fields",
        "page_label_name",
        "name",
        "profile_picture_url",
        "user",
    ]);
    prop::collection::vec((name, anything()), 0..8).prop_map(|fields| match object(fields) {
        Value::Object(fields) => fields,
        _ => Map::new(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn no_parameters_break_the_rules(
        mut parameters in calls(),
        to_ana in any::<bool>(),
        with_file in any::<bool>(),
        instagram in any::<bool>(),
    ) {
        let mut rules = if instagram { Rules::instagram() } else { Rules::routed() };
        rules.ana_says("hello");
        if to_ana {
            parameters.insert("recipient".to_owned(), json!({"id": rules.ana}));
        }
        let upload = UploadedFile {
            content_type: "image/png".to_owned(),
            size: 1,
            url: "http://127.0.0.1/control/uploads/1".to_owned(),
        };
        let upload = with_file.then_some(&upload);
        let before = rules.thread().messages().count();
        let sent = rules.call(&BOT, |platform, call| platform.send_with(call, &parameters, upload));
        let after = rules.thread().messages().count();
        match sent {
            Ok(step) => {
                let said = usize::from(step.value.message_id.is_some());
                prop_assert_eq!(after, before + said);
            }
            Err(refusal) => {
                prop_assert_eq!(after, before);
                prop_assert!(refusal.code > 0 && !refusal.message.is_empty());
            }
        }
        let ana = rules.ana.clone();
        for call in EDGES {
            if let Err(refusal) = rules.call(&BOT, |platform, context| {
                call(platform, context, &parameters)
            }) {
                prop_assert!(refusal.code > 0 && !refusal.message.is_empty());
            }
        }
        let _ = rules.call(&BOT, |platform, call| platform.person_profile(call, &ana, &parameters));
    }
}

type Edge = fn(
    &mut handover_sim::platform::Platform,
    &handover_sim::platform::CallContext<'_>,
    &Parameters,
) -> handover_sim::platform::GraphResult<Value>;

const EDGES: [Edge; 18] = [
    |p, c, a| p.set_profile(c, a),
    |p, c, a| p.profile(c, a),
    |p, c, a| p.delete_profile(c, a),
    |p, c, a| p.set_user_settings(c, a),
    |p, c, a| p.user_settings(c, a),
    |p, c, a| p.delete_user_settings(c, a),
    |p, c, a| p.create_persona(c, a),
    |p, c, a| p.personas(c, a),
    |p, c, a| p.create_label(c, a),
    |p, c, a| p.labels(c, a),
    |p, c, a| p.create_template(c, a),
    |p, c, a| p.templates(c, a),
    |p, c, a| p.save_attachment(c, a, None),
    |p, c, a| p.moderate(c, a),
    |p, c, a| p.conversations(c, a),
    |p, c, a| p.unlink_account(c, a),
    |p, c, a| p.set_subscribed_apps(c, a),
    |p, c, a| p.sticker_search(a).or_else(|_| p.subscribed_apps(c)),
];
