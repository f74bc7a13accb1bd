//! Talks that show every choice of the rules, each for the bot that records.

use handover_protocol::AppId;
use handover_sim::platform::{Behavior, Origin, Platform, Routing};
use serde_json::json;

use super::recorded::Recorded;
use crate::support::rules::{BOT, DAY, HOUR, INBOX, INSTAGRAM_INBOX, MINUTE, SHOP};

/// Records a talk with a platform of these choices.
type Talk = fn(Behavior) -> Recorded;

/// All of them, with their names.
pub(crate) const ALL: [(&str, Talk); 9] = [
    ("conversation routing", conversation),
    ("another default app", of_another),
    ("the window", window),
    ("no default app", zero_config),
    ("the Handover Protocol", legacy),
    ("the Handover Protocol without roles", without_roles),
    ("Instagram", instagram),
    ("many messages", many_messages),
    ("done", done),
];

fn template() -> serde_json::Value {
    let buttons = json!([{"type": "postback", "title": "Order", "payload": "ORDER"}]);
    let elements = json!([{"title": "Coffee", "subtitle": "hot", "buttons": buttons}]);
    json!({"attachment": {"type": "template", "payload": {
        "template_type": "generic", "elements": elements,
    }}})
}

/// The newest message with a button.
fn tap(talk: &mut Recorded) {
    let thread = talk.rules.thread().clone();
    let message = thread
        .messages()
        .rfind(|message| !message.buttons().is_empty());
    let Some(mid) = message.map(|message| message.mid.clone()) else {
        return;
    };
    talk.act(|platform, ana, now| platform.tap_button(ana, &mid, 0, now));
}

pub(crate) fn conversation(behavior: Behavior) -> Recorded {
    let mut talk = Recorded::page(Routing::to(BOT), behavior);
    talk.act(Platform::get_started);
    talk.bot_says("Hello!");
    let mid = talk.says("hi");
    talk.asks_for_the_owner();
    talk.calls("extend_thread_control", json!({"duration": 3600}));
    talk.calls("extend_thread_control", json!({"duration": 700_000}));
    talk.act(|platform, ana, now| platform.react(ana, &mid, "love", None, now));
    talk.act(|platform, ana, now| platform.unreact(ana, &mid, now));
    talk.act(|platform, ana, now| platform.edit(ana, &mid, "hi!", now));
    talk.act(Platform::read);
    talk.sends(json!({"text": "Which?", "quick_replies": [
        {"content_type": "text", "title": "Red", "payload": "RED"},
    ]}));
    talk.act(|platform, ana, now| platform.tap_quick_reply(ana, "Red", now));
    talk.sends(template());
    tap(&mut talk);
    talk.act(|platform, ana, now| platform.attach(ana, "image", "https://x.example/a.png", now));
    talk.act(|platform, ana, now| platform.reply(ana, &mid, "that one", now));
    talk.act(|platform, ana, now| platform.open_link(ana, "spring", now));
    talk.act(|platform, ana, now| platform.unsend(ana, &mid, now));
    talk.sends(json!({"text": "a".repeat(2001)}));
    talk.calls("messages", json!({"sender_action": "typing_on"}));
    talk.passes(&INBOX);
    talk.says("Where is my order?");
    tap(&mut talk);
    talk.bot_says("too late");
    talk.agent_says("On its way.");
    talk.act(Platform::read);
    talk.says("Thanks");
    talk.agent_is_done();
    talk.bot_says("I am back.");
    // A colleague takes over by themselves.
    talk.act(Platform::inbox_take);
    talk.agent_says("One more thing");
    talk.says("Yes?");
    talk.calls("take_thread_control", json!({}));
    talk.bot_says("Mine again");
    talk.act(|platform, ana, now| {
        platform.account_says(ana, "from the phone", Origin::NativeApp, now)
    });
    talk.act(|platform, ana, now| platform.account_says(ana, "by itself", Origin::Ai, now));
    // A message that passes control.
    let control = json!({"control_type": "pass", "app_id": SHOP});
    let message = json!({"text": "To the shop"});
    talk.calls(
        "messages",
        json!({"message": message, "thread_control": control}),
    );
    talk.says("Is this the shop?");
    let text = talk.rules.text("It is");
    talk.other(|platform, call| platform.send(call, &text));
    talk.asks_for_the_owner();
    // The shop loses it to an agent, of which only the shop hears.
    talk.act(Platform::inbox_take);
    talk.says("Hello?");
    talk.calls("take_thread_control", json!({"metadata": "mine"}));
    talk.calls("release_thread_control", json!({}));
    talk.asks_for_the_owner();
    talk.bot_says("Anything else?");
    // Taken while nobody has it.
    talk.act(Platform::inbox_take);
    talk.says("Yes, a person please");
    talk.agent_is_done();
    talk.calls("release_thread_control", json!({}));
    let request = handover_protocol::PassThreadControlRequest {
        recipient: talk.rules.to_ana(),
        target_app_id: Some(BOT),
        ..Default::default()
    };
    talk.other(|platform, call| platform.pass_thread_control(call, &request));
    talk.bot_says("Here I am");
    talk.says("Good");
    talk.passes(&AppId::from("1"));
    talk.passes(&BOT);
    talk
}

fn of_another(behavior: Behavior) -> Recorded {
    let mut talk = Recorded::page(Routing::to(INBOX), behavior);
    talk.says("hello");
    talk.bot_says("not mine");
    talk.agent_says("Good morning");
    talk.calls("take_thread_control", json!({}));
    talk.bot_says("The bot is here");
    talk.says("hello bot");
    let control = json!({"control_type": "release"});
    talk.calls(
        "messages",
        json!({"message": {"text": "Goodbye"}, "thread_control": control}),
    );
    talk.says("Still there?");
    talk
}

fn window(behavior: Behavior) -> Recorded {
    let mut talk = Recorded::page(Routing::to(BOT), behavior);
    talk.says("hello");
    talk.bot_says("hi");
    talk.later(25 * HOUR);
    talk.bot_says("too late");
    talk.calls(
        "messages",
        json!({"message": {"text": "an agent"}, "tag": "HUMAN_AGENT"}),
    );
    talk.later(7 * DAY);
    talk.calls(
        "messages",
        json!({"message": {"text": "an agent"}, "tag": "HUMAN_AGENT"}),
    );
    talk.says("hello again");
    talk.bot_says("hi again");
    // The agent's control lasts longer than the window.
    talk.later(20 * HOUR);
    talk.act(Platform::inbox_take);
    talk.later(5 * HOUR);
    talk.bot_says("neither mine nor in time");
    talk.says("anybody?");
    talk.calls("take_thread_control", json!({}));
    talk.passes(&SHOP);
    talk.says("shop?");
    talk.sends(json!({"text": "a".repeat(2001)}));
    let extend = handover_protocol::ExtendThreadControlRequest {
        recipient: talk.rules.to_ana(),
        duration: Some(7 * 24 * 3600),
        ..Default::default()
    };
    talk.other(|platform, call| platform.extend_thread_control(call, &extend));
    talk.later(25 * HOUR);
    talk.bot_says("neither mine nor in time");
    talk.says("hello shop");
    talk
}

fn zero_config(behavior: Behavior) -> Recorded {
    let mut talk = Recorded::page(Routing::ZeroConfig, behavior);
    talk.says("hello");
    talk.bot_says("hi");
    talk.calls("request_thread_control", json!({"metadata": "please"}));
    talk.says("yours?");
    talk.bot_says("mine");
    let request = handover_protocol::RequestThreadControlRequest {
        recipient: talk.rules.to_ana(),
        ..Default::default()
    };
    talk.other(|platform, call| platform.request_thread_control(call, &request));
    talk.calls("take_thread_control", json!({}));
    talk.passes(&SHOP);
    talk.says("and now?");
    talk.bot_says("not mine");
    let text = talk.rules.text("mine");
    talk.other(|platform, call| platform.send(call, &text));
    talk.says("good");
    talk
}

fn legacy(behavior: Behavior) -> Recorded {
    let primary = Some(BOT);
    let mut talk = Recorded::page(Routing::Legacy { primary }, behavior);
    talk.says("hello");
    talk.bot_says("hi");
    talk.passes(&INBOX);
    talk.says("a person?");
    talk.agent_says("yes");
    talk.act(Platform::inbox_done);
    talk.bot_says("back");
    talk.act(Platform::inbox_request);
    talk.passes(&SHOP);
    talk.calls("request_thread_control", json!({}));
    talk.calls("take_thread_control", json!({}));
    talk.bot_says("mine");
    talk
}

fn without_roles(behavior: Behavior) -> Recorded {
    let mut talk = Recorded::page(Routing::Legacy { primary: None }, behavior);
    talk.says("hello");
    talk.bot_says("hi");
    talk.says("more");
    talk.passes(&INBOX);
    talk.says("a person?");
    talk.agent_says("yes");
    talk
}

fn instagram(behavior: Behavior) -> Recorded {
    let mut talk = Recorded::instagram(behavior);
    let mid = talk.says("hello");
    talk.bot_says("hi");
    talk.sends(template());
    tap(&mut talk);
    talk.act(Platform::read);
    talk.act(|platform, ana, now| platform.react(ana, &mid, "love", None, now));
    talk.act(|platform, ana, now| platform.reply_to_story(ana, "https://x.example/s", "wow", now));
    talk.act(|platform, ana, now| platform.unsend(ana, &mid, now));
    talk.passes(&INSTAGRAM_INBOX);
    talk.says("a person?");
    talk.bot_says("not mine");
    talk.agent_says("yes");
    talk.act(|platform, ana, now| platform.account_deletes(ana, None, now));
    talk.says("good");
    talk.agent_is_done();
    talk.bot_says("back");
    talk.later(25 * HOUR);
    talk.bot_says("too late");
    talk.says("hello");
    talk
}

/// More than an account may send in a second.
fn many_messages(behavior: Behavior) -> Recorded {
    let mut talk = Recorded::page(Routing::to(BOT), behavior);
    talk.says("hello");
    let start = talk.rules.now;
    for number in 0..302 {
        talk.rules.now = start;
        talk.later(-1000 + number % 2);
        talk.bot_says("hi");
    }
    talk.later(MINUTE);
    talk.says("enough");
    talk
}

/// An agent is done, of which the recording has a note.
fn done(behavior: Behavior) -> Recorded {
    let mut talk = Recorded::page(Routing::to(BOT), behavior);
    talk.notes_actions = true;
    talk.says("hello");
    talk.passes(&INBOX);
    talk.agent_says("yes?");
    talk.agent_is_done();
    talk.says("bot?");
    talk.bot_says("hi");
    talk.says("thanks");
    talk
}
