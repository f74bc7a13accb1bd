//! What can be asked of the Graph API beyond messages and thread control, against the simulator.

use std::convert::Infallible;

use handover_testkit::http;

use crate::support::directory::Directory;
use crate::support::simulated::{
    APP, CAFE, CAFE_ON_INSTAGRAM, SECRET, Simulated, config, token_of,
};
use handover::Account;
use handover::graph::{Graph, GraphError, GraphSettings, Upload};
use handover::prelude::*;
use handover::protocol::{
    AccountLinking, AppId, BatchItem, ButtonTemplate, GetStarted, Greeting, MessengerProfile,
    ModerationAction, Object, OutgoingAttachment, OutgoingMessage, PersistentMenu, PersonId,
    Persona, UtilityTemplate,
};
use handover::testing::DurationExt;
use handover_sim::{Person, SimulatedApp, Simulator};
use serde_json::{Value, json};

struct Desk {
    sim: Simulator,
    graph: Graph,
}

impl Desk {
    async fn start() -> Self {
        let app = SimulatedApp::new(APP, "Bot")
            .secret(SECRET)
            .token_for(CAFE, token_of(CAFE));
        let sim = Simulator::builder()
            .page(CAFE, "Kaffeehaus")
            .instagram(CAFE_ON_INSTAGRAM, "kaffeehaus", CAFE)
            .app(app)
            .start()
            .await
            .unwrap();
        let graph = graph_of(&sim);
        Self { sim, graph }
    }

    /// Somebody who has just written.
    async fn person(&self, name: &str) -> (Person, PersonId) {
        let person = self.sim.person(name);
        person.says("hello").await.unwrap();
        let id = person.id().clone();
        (person, id)
    }

    fn on_instagram(&self) -> Graph {
        self.graph.for_product(Object::Instagram)
    }
}

/// Speaks for the café.
fn graph_of(sim: &Simulator) -> Graph {
    let graph = Graph::new(
        GraphSettings::new(CAFE, token_of(CAFE)).base_url(sim.graph_url().parse().unwrap()),
    );
    graph.unwrap()
}

#[tokio::test]
async fn the_profile_is_set_read_and_taken_away() {
    let Desk { graph, sim: _sim } = Desk::start().await;
    let profile = MessengerProfile {
        get_started: Some(GetStarted::new("HELLO")),
        greeting: vec![Greeting::new("Hi!")],
        ..Default::default()
    };
    graph.set_profile(&profile).await.unwrap();
    assert_eq!(graph.profile().await.unwrap(), profile);
    graph.delete_profile(["greeting"]).await.unwrap();
    assert!(graph.profile().await.unwrap().greeting.is_empty());
}

#[tokio::test]
async fn a_profile_over_a_limit_is_never_sent() {
    let Desk { graph, sim } = Desk::start().await;
    let profile = MessengerProfile {
        greeting: vec![Greeting::new("x".repeat(161))],
        ..Default::default()
    };
    let refused = graph.set_profile(&profile).await.unwrap_err();
    assert!(matches!(refused, GraphError::Limit(_)), "{refused}");
    assert!(sim.timeline().is_empty());
}

#[tokio::test]
async fn one_person_can_have_another_menu() {
    let desk = Desk::start().await;
    let (_, ana) = desk.person("Ana").await;
    let started = MessengerProfile {
        get_started: Some(GetStarted::new("HELLO")),
        ..Default::default()
    };
    desk.graph.set_profile(&started).await.unwrap();
    let menu = PersistentMenu::new([Button::postback("Log out", "LOG_OUT")]);
    let graph = &desk.graph;
    graph.set_user_menu(&ana, [menu]).await.unwrap();
    let set = graph.user_settings(&ana).await.unwrap();
    let titles = set.user_level_persistent_menu[0].call_to_actions.iter();
    let titles: Vec<_> = titles.map(|item| item.title.clone()).collect();
    assert_eq!(titles, [Some("Log out".to_owned())]);
    graph.delete_user_menu(&ana).await.unwrap();
    let set = graph.user_settings(&ana).await.unwrap();
    assert!(set.user_level_persistent_menu.is_empty());
}

#[tokio::test]
async fn the_page_is_subscribed_and_unsubscribed() {
    let Desk { graph, sim } = Desk::start().await;
    graph.subscribe(["messages", "standby"]).await.unwrap();
    let apps = graph.subscribed_apps().await.unwrap();
    assert_eq!(apps[0].id, Some(APP.into()));
    assert_eq!(apps[0].subscribed_fields, ["messages", "standby"]);
    graph.unsubscribe().await.unwrap();
    assert!(graph.subscribed_apps().await.unwrap().is_empty());
    assert!(!sim.is_subscribed(APP, CAFE));
}

#[tokio::test]
async fn people_have_profiles_on_both_products() {
    let desk = Desk::start().await;
    let (_, ana) = desk.person("Ana").await;
    let profile = desk.graph.user_profile(&ana).await.unwrap();
    assert_eq!(profile.first_name.as_deref(), Some("Ana"));
    let ben = desk.sim.person_on(CAFE_ON_INSTAGRAM, "Ben").unwrap();
    ben.says("hello").await.unwrap();
    let profile = desk.on_instagram().user_profile(ben.id()).await.unwrap();
    assert!(profile.username.is_some(), "{profile:?}");
}

#[tokio::test]
async fn a_persona_speaks() {
    let desk = Desk::start().await;
    let (ana, id) = desk.person("Ana").await;
    let graph = &desk.graph;
    let mia = Persona::new("Mia", "https://example.com/mia.png");
    let mia = graph.create_persona(&mia).await.unwrap();
    assert_eq!(graph.persona(&mia).await.unwrap().name, "Mia");
    let sent = graph.send(&id).text("I am Mia.").persona(&mia).await;
    assert!(sent.unwrap().message_id.is_some());
    assert_eq!(ana.messages().len(), 2);
    for name in ["Ben", "Cleo"] {
        let persona = Persona::new(name, "https://example.com/x.png");
        graph.create_persona(&persona).await.unwrap();
    }
    let first = graph.personas().limit(2).await.unwrap();
    assert_eq!(first.data.len(), 2);
    let all = graph.personas().limit(2).all().await.unwrap();
    assert_eq!(all.len(), 3, "{all:?}");
    graph.delete_persona(&mia).await.unwrap();
    let all = graph.personas().all().await.unwrap();
    assert_eq!(all.len(), 2, "{all:?}");
}

#[tokio::test]
async fn labels_are_put_on_people() {
    let desk = Desk::start().await;
    let (_, ana) = desk.person("Ana").await;
    let graph = &desk.graph;
    let regular = graph.create_label("regular").await.unwrap();
    graph.add_label(&regular, &ana).await.unwrap();
    let labels = graph.labels_of(&ana).await.unwrap();
    assert_eq!(labels.data[0].page_label_name.as_deref(), Some("regular"));
    graph.remove_label(&regular, &ana).await.unwrap();
    assert!(graph.labels_of(&ana).await.unwrap().data.is_empty());
    assert_eq!(graph.labels().await.unwrap().data.len(), 1);
    graph.delete_label(&regular).await.unwrap();
    assert!(graph.labels().await.unwrap().data.is_empty());
}

#[tokio::test]
async fn conversations_and_their_messages_can_be_read() {
    let desk = Desk::start().await;
    let (_, ana) = desk.person("Ana").await;
    desk.person("Ben").await;
    let graph = &desk.graph;
    let all = graph.conversations().await.unwrap();
    assert_eq!(all.data.len(), 2);
    let with_ana = graph.conversations_with(&ana).await.unwrap();
    let conversation = with_ana.data[0].id.as_deref().unwrap();
    let conversation = graph.conversation(conversation).await.unwrap();
    let messages = conversation.messages.unwrap().data;
    let mid = messages[0].id.as_deref().unwrap();
    let message = graph.message(mid).await.unwrap();
    assert_eq!(message.message.as_deref(), Some("hello"));
    assert_eq!(message.from.unwrap().id, Some(ana));
}

#[tokio::test]
async fn who_is_blocked_cannot_be_written_to() {
    let desk = Desk::start().await;
    let (_, ana) = desk.person("Ana").await;
    let graph = &desk.graph;
    let block = [ModerationAction::BlockUser];
    graph.moderate([ana.clone()], block).await.unwrap();
    assert!(graph.send(&ana).text("hello?").await.is_err());
    let unblock = [ModerationAction::UnblockUser];
    graph.moderate([ana.clone()], unblock).await.unwrap();
    graph.send(&ana).text("hello!").await.unwrap();
    let eleven = vec![ana; 11];
    let refused = graph.moderate(eleven, block).await.unwrap_err();
    assert!(matches!(refused, GraphError::Limit(_)), "{refused}");
}

mod attachments {
    use super::*;

    async fn sends(desk: &Desk, kind: &str, attachment: String) {
        let (_, ana) = desk.person("Ana").await;
        let attachment = OutgoingAttachment::by_id(kind, attachment);
        let sent = desk.graph.send(&ana).attachment(attachment).await;
        assert!(sent.unwrap().message_id.is_some());
    }

    #[tokio::test]
    async fn one_that_the_platform_fetched_is_sent_by_id() {
        let desk = Desk::start().await;
        let hat = OutgoingAttachment::image("https://example.com/hat.png");
        let hat = desk.graph.keep_attachment(hat).await.unwrap();
        sends(&desk, "image", hat).await;
    }

    #[tokio::test]
    async fn bytes_files_and_streams_are_uploaded() {
        let desk = Desk::start().await;
        let bytes = Upload::bytes("hat \"1\".png", "image/png", &b"\x89PNG\r\n--"[..]);
        let id = desk.graph.upload(bytes).await.unwrap();
        sends(&desk, "image", id).await;

        let directory = Directory::new();
        let path = directory.path().join("menu.pdf");
        std::fs::write(&path, "%PDF").unwrap();
        let file = Upload::file(path).await.unwrap();
        let id = desk.graph.upload(file).await.unwrap();
        sends(&desk, "file", id).await;

        let chunks = ["one", "two"].map(Ok::<_, Infallible>);
        let stream = futures_util::stream::iter(chunks);
        let stream = Upload::stream("song.mp3", "audio/mpeg", stream).await;
        let id = desk.graph.upload(stream.unwrap()).await.unwrap();
        sends(&desk, "audio", id).await;
    }

    #[tokio::test]
    async fn more_than_the_platform_takes_is_never_sent() {
        let desk = Desk::start().await;
        let at_most = Upload::bytes("a", "video/mp4", vec![0; 25_000_001]);
        let refused = desk.graph.upload(at_most).await.unwrap_err();
        assert!(matches!(refused, GraphError::Limit(_)), "{refused}");
        let endless = futures_util::stream::repeat_with(|| Ok::<_, Infallible>(vec![0; 1 << 20]));
        let refused = Upload::stream("a", "video/mp4", endless).await.unwrap_err();
        assert!(refused.to_string().contains("25 MB"), "{refused}");
        assert!(desk.sim.timeline().is_empty());
    }
}

mod messages {
    use super::*;

    #[tokio::test]
    async fn templates_replies_and_reactions() {
        let desk = Desk::start().await;
        let (ana, id) = desk.person("Ana").await;
        let mid = ana.messages()[0].mid.clone();
        let graph = &desk.graph;
        let button = ButtonTemplate::new("Anything else?", [Button::postback("No", "NO")]);
        let sent = graph.send(&id).template(button).reply_to(&mid).await;
        assert!(sent.unwrap().message_id.is_some());
        graph.react(&id, &mid, "❤️").await.unwrap();
        graph.unreact(&id, &mid).await.unwrap();
        let calls = desk.sim.timeline();
        let bodies = calls.iter().filter_map(|row| row.request.as_deref());
        let bodies: Vec<_> = bodies.collect();
        assert!(
            bodies.iter().any(|body| body.contains("\"reply_to\"")),
            "{bodies:#?}"
        );
        assert!(
            bodies.iter().any(|body| body.contains("\"unreact\"")),
            "{bodies:#?}"
        );
    }

    #[tokio::test]
    async fn who_is_not_known_by_id_is_addressed_otherwise() {
        let desk = Desk::start().await;
        for call in [
            desk.graph.reply_to_comment("a comment").text("hello"),
            desk.graph.reply_to_post("a post").text("hello"),
        ] {
            // There are no such things on this desk.
            assert!(matches!(call.await, Err(GraphError::Refused { .. })));
        }
        let calls = desk.sim.timeline();
        let bodies: Vec<_> = calls
            .iter()
            .filter_map(|row| row.request.as_deref())
            .collect();
        assert!(
            bodies[0].contains("comment_id") && bodies[1].contains("post_id"),
            "{bodies:#?}"
        );
    }
}

mod refusals {
    use super::*;

    #[tokio::test]
    async fn are_distinguished() {
        let desk = Desk::start().await;
        let (_, ana) = desk.person("Ana").await;
        let graph = &desk.graph;
        graph
            .pass_thread_control(&ana)
            .to(AppId::PAGE_INBOX)
            .await
            .unwrap();
        let refused = graph.send(&ana).text("still here").await.unwrap_err();
        assert!(refused.is_not_owner(), "{refused}");

        let (_, ben) = desk.person("Ben").await;
        desk.sim.pass_time(25.hours()).await;
        let refused = graph.send(&ben).text("too late").await.unwrap_err();
        assert!(refused.is_outside_window(), "{refused}");
        assert!(!refused.is_not_owner() && refused.retry_after().is_none());
    }
}

mod stickers {
    use super::*;

    #[tokio::test]
    async fn they_are_found_and_sent() {
        let desk = Desk::start().await;
        let (ana, id) = desk.person("Ana").await;
        let app = desk.graph.as_app(APP, SECRET).unwrap();
        let packs = app.sticker_packs().await.unwrap();
        let pack = packs.data[0].id.clone().unwrap();
        let all = app.stickers(pack).all().await.unwrap();
        let thumbs = app.search_stickers("thumb").await.unwrap().data;
        assert!(all.len() > thumbs.len() && all.contains(&thumbs[0]));
        let thumb = OutgoingMessage {
            sticker_id: thumbs[0].number(),
            ..Default::default()
        };
        let sent = desk.graph.send(&id).message(thumb).await.unwrap();
        let seen = ana.messages().pop().map(|message| message.mid);
        assert_eq!(seen, sent.message_id);
    }
}

mod utility_messages {
    use super::*;

    #[tokio::test]
    async fn a_template_is_handed_in_and_sent_with_its_gaps_filled() {
        let desk = Desk::start().await;
        let (ana, id) = desk.person("Ana").await;
        let body = json!({ "type": "BODY", "text": "Hi {{1}}, order {{2}} is on its way." });
        let template = json!({
            "name": "order_sent", "language": "en", "category": "UTILITY", "components": [body],
        });
        let created = desk.graph.create_message_template(&template).await.unwrap();
        assert_eq!(created.status.as_deref(), Some("APPROVED"));
        desk.sim.pass_time(30.days()).await;
        let sent = UtilityTemplate::new("order_sent", "en").body(["Ana", "17"]);
        desk.graph.send(&id).utility(sent).await.unwrap();
        let text = ana.messages().pop().unwrap().text;
        assert_eq!(text.as_deref(), Some("Hi Ana, order 17 is on its way."));
    }
}

mod account_linking {
    use super::*;

    #[on_account_linking(status = "linked")]
    async fn linked(account: AccountLinking) -> String {
        format!(
            "Code {}",
            account.authorization_code.as_deref().unwrap_or("?")
        )
    }

    #[on_account_linking]
    async fn unlinked(account: AccountLinking) -> String {
        account.status.clone().unwrap_or_default()
    }

    async fn act(bot: &Simulated, act: &str, body: Value) -> Value {
        let url = format!("{}control/actions/{act}", bot.sim.page_url());
        let answer = http::Client::new().post(url).json(&body).send().await;
        answer
            .unwrap()
            .error_for_status()
            .unwrap()
            .json()
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_person_links_an_account_and_the_bot_unlinks_it() {
        let config = config().account(Account::new(CAFE, token_of(CAFE)));
        let bot = Simulated::start(Bot::new(routes![linked, unlinked]), config).await;
        let graph = graph_of(&bot.sim);
        let ana = bot.person(CAFE);
        ana.says("hello").await.unwrap();
        let login = Button::account_link("https://example.com/login");
        let login = ButtonTemplate::new("Please log in.", [login]);
        graph.send(ana.id()).template(login).await.unwrap();

        let person = json!({ "person": ana.id() });
        let token = act(&bot, "follow_account_link", person).await["token"].clone();
        let whose = graph.linked_account(token.as_str().unwrap()).await.unwrap();
        assert_eq!(whose.recipient, *ana.id());
        let done = json!({ "person": ana.id(), "authorization_code": "4711" });
        act(&bot, "finish_account_link", done).await;
        bot.reads(&ana, "Code 4711").await;

        graph.unlink_account(ana.id()).await.unwrap();
        bot.reads(&ana, "unlinked").await;
    }
}

mod subscriptions {
    use super::*;

    #[tokio::test]
    async fn the_app_is_subscribed_once_its_webhook_has_answered() {
        let config = config().account(Account::new(CAFE, token_of(CAFE)));
        let bot = Simulated::start(Bot::new(Routes::default()), config).await;
        let app = graph_of(&bot.sim).as_app(APP, SECRET).unwrap();
        let all = app.subscriptions().await.unwrap();
        let callback = all[0].callback_url.clone().unwrap();
        let fields = ["messages", "messaging_postbacks"];

        let wrong = app
            .subscribe("page", &callback, "a wrong word", fields)
            .await;
        assert!(
            matches!(wrong, Err(GraphError::Refused { .. })),
            "{wrong:?}"
        );
        let right = app
            .subscribe("page", &callback, "the verify token", fields)
            .await;
        right.unwrap();
        let of_pages = async || {
            let all = app.subscriptions().await.unwrap();
            let page = all.into_iter().find(|one| one.object == Some(Object::Page));
            page.map(|page| {
                page.fields
                    .into_iter()
                    .filter_map(|field| field.name)
                    .collect::<Vec<_>>()
            })
        };
        assert_eq!(of_pages().await.unwrap(), fields);
        app.unsubscribe("page").await.unwrap();
        assert_eq!(of_pages().await, None);
    }
}

mod tokens {
    use super::*;

    #[tokio::test]
    async fn the_app_looks_at_tokens_and_at_its_subscriptions() {
        let desk = Desk::start().await;
        let app = desk.graph.as_app(APP, SECRET).unwrap();
        let about = app.debug_token(token_of(CAFE)).await.unwrap();
        assert!(about.is_valid && about.never_expires(), "{about:?}");
        assert_eq!(about.profile_id, Some(CAFE.into()));
        let about = app.debug_token("nobody's").await.unwrap();
        assert!(!about.is_valid);
        let subscriptions = app.subscriptions().await.unwrap();
        assert!(subscriptions.is_empty(), "no webhook: {subscriptions:?}");
        assert!(!format!("{app:?}").contains(SECRET));
    }

    #[tokio::test]
    async fn a_person_has_the_tokens_of_their_pages() {
        let desk = Desk::start().await;
        let app = desk.graph.as_app(APP, SECRET).unwrap();
        let user = app.long_lived_token(token_of(CAFE)).await.unwrap();
        let user = desk.graph.as_user(user.access_token).unwrap();
        let page = user.page_token(&CAFE.into()).await.unwrap();
        assert_eq!(page.access_token, token_of(CAFE));

        let ours = desk.graph.as_user(format!("user-{APP}")).unwrap();
        let pages = ours.page_tokens().all().await.unwrap();
        let tokens: Vec<_> = pages.into_iter().map(|page| page.access_token).collect();
        assert_eq!(tokens, [Some(token_of(CAFE))]);
    }

    #[tokio::test]
    async fn another_page_is_spoken_for_over_the_same_connections() {
        let desk = Desk::start().await;
        let stranger = desk.graph.for_page("1", "a wrong token").unwrap();
        let refused = stranger.profile().await.unwrap_err();
        assert!(refused.is_token_invalid(), "{refused}");
        assert!(desk.graph.profile().await.is_ok());
        assert!(desk.graph.for_page("not/an id", "token").is_err());
    }
}

mod batches {
    use super::*;

    #[tokio::test]
    async fn each_call_has_its_own_answer_in_order() {
        let desk = Desk::start().await;
        let (_, ana) = desk.person("Ana").await;
        let (_, ben) = desk.person("Ben").await;
        let nobody = BatchItem::get("9999999999");
        let batch = desk.graph.batch().user_profile(&ana).item(nobody);
        let answers = batch.user_profile(&ben).await.unwrap();
        let answers: Vec<_> = answers.into_iter().flatten().collect();
        assert_eq!(answers.len(), 3);
        assert_eq!(answers[0].json().unwrap()["first_name"], "Ana");
        assert_ne!(answers[1].code, 200);
        assert_eq!(answers[2].json().unwrap()["first_name"], "Ben");
    }

    #[tokio::test]
    async fn more_than_fifty_are_never_sent() {
        let desk = Desk::start().await;
        let mut batch = desk.graph.batch();
        for _ in 0..51 {
            batch = batch.item(BatchItem::get("me"));
        }
        let refused = batch.await.unwrap_err();
        assert!(matches!(refused, GraphError::Limit(_)), "{refused}");
    }
}
