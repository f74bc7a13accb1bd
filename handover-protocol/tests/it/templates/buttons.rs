//! Button templates, and buttons of every type.

use super::*;

#[test]
fn button_templates() {
    let json =
        json!({"text": "Hi!", "buttons": [{"type": "postback", "title": "A", "payload": "P"}]});
    let read: ButtonTemplate = template("button", json);
    assert_eq!(
        read,
        ButtonTemplate::new("Hi!", [Button::postback("A", "P")])
    );
}

#[test]
fn buttons_of_every_kind() {
    for (button, json) in [
        (
            Button::url("Shop", "https://example.com")
                .webview_height_ratio("tall")
                .messenger_extensions(true)
                .fallback_url("https://example.com/f")
                .webview_share_button("hide"),
            json!({"type": "web_url", "title": "Shop", "url": "https://example.com",
                "webview_height_ratio": "tall", "messenger_extensions": true,
                "fallback_url": "https://example.com/f", "webview_share_button": "hide"}),
        ),
        (
            Button::action("https://example.com"),
            json!({"type": "web_url", "url": "https://example.com"}),
        ),
        (
            Button::postback("Start", "START"),
            json!({"type": "postback", "title": "Start", "payload": "START"}),
        ),
        (
            Button::phone_number("Call", "+12125552368"),
            json!({"type": "phone_number", "title": "Call", "payload": "+12125552368"}),
        ),
        (
            Button::account_link("https://example.com/login"),
            json!({"type": "account_link", "url": "https://example.com/login"}),
        ),
        (Button::account_unlink(), json!({"type": "account_unlink"})),
        (
            Button::game_play("Play", "{}").game_metadata(GameMetadata {
                player_id: Some("P".into()),
                ..Default::default()
            }),
            json!({"type": "game_play", "title": "Play", "payload": "{}",
                "game_metadata": {"player_id": "P"}}),
        ),
        (
            Button::audio_call("Call us"),
            json!({"type": "audio_call", "title": "Call us"}),
        ),
    ] {
        shape::<Button>(json.clone());
        assert_eq!(serde_json::to_value(&button).unwrap(), json);
        assert_eq!(button.check(), Ok(()));
    }
    shape::<GameMetadata>(json!({"context_id": "C"}));
}

#[test]
fn limits_of_buttons() {
    let titled = |length| Button::postback(long(length), "P").check();
    assert_eq!(titled(20), Ok(()));
    exceeds(titled(21), Limit::ButtonTitle, "title", 21);
    let carrying = |length| Button::postback("T", long(length)).check();
    assert_eq!(carrying(1000), Ok(()));
    exceeds(carrying(1001), Limit::ButtonPayload, "payload", 1001);
}

#[test]
fn limits_of_button_templates() {
    let saying = |length| ButtonTemplate::new(long(length), buttons(1)).check();
    assert_eq!(saying(640), Ok(()));
    exceeds(saying(641), Limit::ButtonTemplateText, "text", 641);
    let with = |count| ButtonTemplate::new("T", buttons(count)).check();
    assert_eq!((with(1), with(3)), (Ok(()), Ok(())));
    exceeds(with(0), Limit::Buttons, "buttons", 0);
    exceeds(with(4), Limit::Buttons, "buttons", 4);
    let one_long = ButtonTemplate::new("T", [Button::url("T", "U"), Button::url(long(21), "U")]);
    exceeds(one_long.check(), Limit::ButtonTitle, "buttons[1].title", 21);
}
