//! Thread control on WhatsApp.

use crate::support::shape;
use handover_protocol::{
    Limit, WhatsAppEvent, WhatsAppHandover, WhatsAppStandby, WhatsAppThreadControl,
    WhatsAppThreadControlAnswer, read,
};
use serde_json::{Value, json};

#[test]
fn thread_control_on_whatsapp() {
    for (request, json) in [
        (
            WhatsAppThreadControl::release("1555"),
            json!({"messaging_product": "whatsapp", "action": "release", "to": "1555"}),
        ),
        (
            WhatsAppThreadControl::take("1555"),
            json!({"messaging_product": "whatsapp", "action": "take", "to": "1555"}),
        ),
        (
            WhatsAppThreadControl::pass_to_partner("1555"),
            json!({"messaging_product": "whatsapp", "action": "pass", "to": "1555"}),
        ),
        (
            WhatsAppThreadControl::pass_to_agent("1555"),
            json!({"messaging_product": "whatsapp", "action": "pass", "to": "1555",
                "control_pass": {"target_role": "ai_agent"}}),
        ),
    ] {
        assert_eq!(serde_json::to_value(request).unwrap(), json);
        shape::<WhatsAppThreadControl>(json);
    }
    shape::<WhatsAppThreadControl>(json!({"messaging_product": "whatsapp", "action": "pass",
        "recipient": "R", "metadata": "M"}));
    shape::<WhatsAppThreadControlAnswer>(json!({"messaging_product": "whatsapp"}));
}

#[test]
fn limit_of_metadata_on_whatsapp() {
    let noted = |length| {
        let pass = WhatsAppThreadControl {
            metadata: Some("ü".repeat(length)),
            ..WhatsAppThreadControl::pass_to_agent("1555")
        };
        pass.check()
    };
    assert_eq!(noted(2000), Ok(()));
    assert_eq!(noted(2001).unwrap_err().limit, Limit::HandoverMetadata);
}

fn event(object: &str, field: &str, value: &Value) -> Option<WhatsAppEvent> {
    let body = json!({"object": object, "entry": [{"id": "7",
        "changes": [{"field": field, "value": value}]}]});
    let webhook = read(body.to_string().as_bytes()).unwrap();
    WhatsAppEvent::of(&webhook.received[0])
}

#[test]
fn webhooks_of_whatsapp() {
    let whatsapp = "whatsapp_business_account";
    let value = json!({"metadata": "ticket 7", "anything": {"else": 1}});
    let Some(WhatsAppEvent::Handover(handover)) = event(whatsapp, "messaging_handovers", &value)
    else {
        panic!("no handover")
    };
    assert_eq!(handover.metadata, Some(json!("ticket 7")));
    assert_eq!(serde_json::to_value(handover).unwrap(), value);
    let value = json!({"standby": {"messages": [{"from": "1555"}], "message_echoes": [{"to": "1555"}],
        "statuses": [{"id": "wamid"}]}});
    let Some(WhatsAppEvent::Standby(standby)) = event(whatsapp, "standby", &value) else {
        panic!("no standby")
    };
    assert_eq!(standby.standby.statuses, [json!({"id": "wamid"})]);
    shape::<WhatsAppStandby>(value.clone());
    shape::<WhatsAppHandover>(json!({"metadata": "M"}));

    assert_eq!(event("page", "standby", &value), None);
    assert_eq!(event(whatsapp, "messages", &json!({"messages": []})), None);
    assert_eq!(event(whatsapp, "standby", &json!("odd")), None);
}
