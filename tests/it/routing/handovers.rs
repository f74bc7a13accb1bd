//! Events of thread control.

use super::*;

#[derive(Deserialize)]
struct Note {
    about: String,
}

#[on_pass_thread_control(from = "page_inbox")]
async fn from_inbox(note: Metadata<Note>, previous: PreviousOwner) -> String {
    format!("{} by {}", note.about, *previous)
}

#[on_pass_thread_control(from = 4711, to = 1517776481860111)]
async fn from_number(new_owner: NewOwner) -> String {
    format!("now {}", *new_owner)
}

#[on_pass_thread_control]
async fn from_anyone(note: Option<Metadata>, previous: Option<PreviousOwner>) -> String {
    format!(
        "{:?} from {:?}",
        note.map(|note| note.0),
        previous.map(|app| app.to_string())
    )
}

#[on_request_thread_control]
#[handoff(to = "requester", metadata = "here you are")]
async fn grant(app: RequestingApp) -> String {
    format!("granted to {}", *app)
}

fn pass(previous: Value, metadata: Value) -> Value {
    item(
        "pass_thread_control",
        json!({ "previous_owner_app_id": previous, "new_owner_app_id": APP, "metadata": metadata }),
    )
}

#[tokio::test]
async fn apps_are_distinguished_as_numbers_and_strings() {
    let routes = routes![from_inbox, from_number, from_anyone];
    let items = [
        pass(json!(PAGE_INBOX), json!(r#"{"about":"shoes"}"#)),
        pass(json!(PAGE_INBOX.to_string()), json!("no JSON")),
        pass(json!("4711"), Value::Null),
        pass(Value::Null, json!("")),
        item("pass_thread_control", json!({})),
    ];
    assert_eq!(
        answers(routes, items, 5).await,
        [
            json!(format!("shoes by {PAGE_INBOX}")),
            json!(format!("Some(\"no JSON\") from Some(\"{PAGE_INBOX}\")")),
            json!(format!("now {APP}")),
            json!("Some(\"\") from None"),
            json!("None from None"),
        ]
    );
}

#[tokio::test]
async fn who_asks_for_the_thread_is_answered_and_gets_it() {
    let request = item(
        "request_thread_control",
        json!({ "requested_owner_app_id": 4711, "metadata": "please" }),
    );
    assert_eq!(
        answers(routes![grant], [request], 2).await,
        [
            json!("granted to 4711"),
            json!({ "recipient": { "id": PERSON }, "target_app_id": "4711", "metadata": "here you are" })
        ]
    );
}

#[on_take_thread_control(from = 1517776481860111)]
async fn taken(event: Event, log: State<Log>) {
    log.note(format!("taken: {}", event.event.body.kind()));
}

#[on_app_roles]
async fn roles(roles: AppRoles, log: State<Log>) {
    log.note(format!("roles: {}", roles.0.len()));
}

#[on_standby(kind = ["message", "echo"])]
async fn overheard(text: Text, log: State<Log>) {
    log.note(format!("overheard: {text}"));
}

#[tokio::test]
async fn what_the_bot_only_hears_about_is_handled_in_silence() {
    let log = Log::default();
    let routes = routes![taken, roles, overheard, from_anyone];
    let bot = RunningBot::start_with(Bot::with_state(log.clone(), routes)).await;
    let take = json!({ "previous_owner_app_id": APP, "new_owner_app_id": PAGE_INBOX });
    let app_roles = json!({ "recipient": { "id": PAGE }, "timestamp": 1, "app_roles": { "4711": ["primary_receiver"] } });
    bot.platform
        .deliver([item("take_thread_control", take)])
        .await;
    bot.platform
        .deliver_on_standby([says("psst"), item("postback", json!({}))])
        .await;
    bot.platform
        .deliver_on_standby([item("message", json!({ "mid": "m_e", "is_echo": true, "app_id": PAGE_INBOX, "text": "Hi, this is Ana" }))])
        .await;
    bot.platform.deliver([app_roles]).await;
    bot.platform.passes_back(None).await;
    bot.graph.wait_for_calls(1).await;
    let mut noted = log.noted();
    // The roles belong to the account, not to the thread, and may come at any time.
    noted.retain(|note| note != "roles: 1");
    assert_eq!(noted.len() + 1, log.noted().len());
    assert_eq!(
        noted,
        [
            "taken: take_thread_control",
            "overheard: psst",
            "overheard: Hi, this is Ana"
        ]
    );
}
