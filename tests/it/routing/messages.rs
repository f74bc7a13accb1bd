//! Messages, by the keys of `#[on_message]`.

use super::*;

#[on_message(text = ["Ja", " yes "])]
async fn agrees() -> &'static str {
    "agreed"
}

#[on_message(text = "ÄPFEL")]
async fn apples() -> &'static str {
    "apples"
}

#[on_message(regex = r"(?i)order\s+(?<number>\d+)")]
async fn order(captures: Captures, text: Text) -> String {
    format!(
        "order {:?} in {text}",
        captures.name("number").unwrap_or_default()
    )
}

#[on_message(quick_reply = ["PICK_RED", "PICK_BLUE"])]
async fn picked(payload: Payload) -> String {
    format!("picked {payload}")
}

#[on_message]
async fn picture(attachments: Attachments, sender: Sender) -> String {
    format!("{} from {sender}", attachments[0].kind)
}

#[on_message]
async fn other(text: Text, thread: Thread) -> String {
    format!("{text} in {}", *thread)
}

#[tokio::test]
async fn the_first_route_whose_keys_and_arguments_fit_takes_the_message() {
    let quick_reply = |payload: &str| {
        item(
            "message",
            json!({ "mid": payload, "text": "Red", "quick_reply": { "payload": payload } }),
        )
    };
    let image = json!({ "mid": "m_image", "attachments": [{ "type": "image", "payload": { "url": "https://x.example/1.jpg" } }] });
    let nothing = json!({ "mid": "m_nothing", "is_deleted": true });
    let routes = routes![agrees, apples, order, picked, picture, other];
    let items = [
        says("  JA\n"),
        says("Yes"),
        says("yes please"),
        says("äpfel"),
        says("Where is ORDER 42?"),
        quick_reply("PICK_BLUE"),
        quick_reply("PICK_GREEN"),
        item("message", nothing),
        item("message", image),
    ];
    let thread = format!("{PAGE}/{PERSON}");
    assert_eq!(
        answers(routes, items, 8).await,
        [
            json!("agreed"),
            json!("agreed"),
            json!(format!("yes please in {thread}")),
            json!("apples"),
            json!("order \"42\" in Where is ORDER 42?"),
            json!("picked PICK_BLUE"),
            json!(format!("Red in {thread}")),
            json!(format!("image from {PERSON}")),
        ]
    );
}
