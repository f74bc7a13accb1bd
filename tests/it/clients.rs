//! Public client libraries, and a bot of a foreign framework, work with the simulator unchanged.
//!
//! Each library's script in `clients/` checks what the library is answered; here is checked what
//! came of it at the simulator.

use std::collections::BTreeSet;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Once;

use handover_testkit::{PATIENCE, http};

use crate::support::installed::installed;
use crate::support::program::Program;
use crate::support::root;
use handover::protocol::QuickReply;
use handover_sim::platform::{ChatMessage, Folder, Handover, MessageAuthor, Routing};
use handover_sim::{Person, SimulatedApp, Simulator, TimelineKind, TimelineState};
use serde_json::{Value, json};
use tokio::time::timeout;

const CLIENTS_PAGE: &str = include_str!("../../docs/simulator/clients.md");

const PAGE: &str = "1744550565845823";
const APP: &str = "1517776481860111";
const OTHER_APP: &str = "1719933678308212";
const INBOX: &str = "263902037430900";
const SECRET: &str = "app secret";
const TOKEN: &str = "page access token";
const ZERO_CONFIG_PAGE: &str = "104508901353867";
const ZERO_CONFIG_TOKEN: &str = "access token of the other page";
const VERIFY_TOKEN: &str = "verify token";

/// A Page whose conversations are routed to the client's app, where Ana writes, and one without
/// conversation routing, where Ben does.
struct ClientSetup {
    sim: Simulator,
    ana: Person,
    ben: Person,
}

impl ClientSetup {
    async fn start() -> Self {
        let client = SimulatedApp::new(APP, "Client")
            .secret(SECRET)
            .token(TOKEN)
            .token_for(ZERO_CONFIG_PAGE, ZERO_CONFIG_TOKEN);
        let sim = Simulator::builder()
            .page(PAGE, "Kaffeehaus")
            .page(ZERO_CONFIG_PAGE, "Bakery")
            .routing(ZERO_CONFIG_PAGE, Routing::ZeroConfig)
            .app(client)
            .app(SimulatedApp::new(OTHER_APP, "Orders"))
            .start()
            .await
            .unwrap();
        let ana = sim.person("Ana");
        let ben = sim.person_on(ZERO_CONFIG_PAGE, "Ben").unwrap();
        ana.says("Hello?").await.unwrap();
        ben.says("Hello?").await.unwrap();
        Self { sim, ana, ben }
    }

    /// Runs the script, which fails if an answer is not as it expects.
    async fn run(&self, mut script: Command) {
        script
            .env("GRAPH_API_URL", self.sim.graph_url())
            .env("ACCESS_TOKEN", TOKEN)
            .env("ZERO_CONFIG_TOKEN", ZERO_CONFIG_TOKEN)
            .env("APP_SECRET", SECRET)
            .env("APP_ID", APP)
            .env("OTHER_APP_ID", OTHER_APP)
            .env("PAGE_ID", PAGE)
            .env("PERSON", self.ana.id().as_str())
            .env("ZERO_CONFIG_PERSON", self.ben.id().as_str());
        let played = tokio::task::spawn_blocking(move || {
            let mut program = Program::start(&mut script).expect("it is installed");
            let status = program.ended();
            assert!(status.success(), "the script fails: {status}");
        });
        played.await.expect("the script is content");
    }

    /// That the person got the greeting, something to choose, and these messages.
    fn check_talk(&self, greeting: &str, others: &[&str]) {
        let messages: Vec<_> = by_app(&self.ana).collect();
        let contents: Vec<_> = messages.iter().map(content).collect();
        let expected = [&[greeting, "Which one?"], others].concat();
        assert_eq!(contents, expected, "what Ana sees of the app");
        let red = QuickReply::text("Red", "PICK_RED");
        assert_eq!(messages[1].quick_replies, [red]);
    }

    /// That control went where it was handed to.
    fn check_handovers(&self) {
        assert_eq!(
            handovers(&self.sim, &self.ana),
            [
                format!("Routed to {APP}"),
                format!("Passed to {INBOX}: wants a person"),
                format!("Taken to {APP}: back to the bot"),
                format!("Passed to {OTHER_APP}: and to another bot"),
                format!("Taken to {APP}"),
            ]
        );
        assert_eq!(self.sim.owner_of(&self.ana), Some(APP.into()));
        assert_eq!(self.sim.owner_of(&self.ben), Some(INBOX.into()));
    }

    /// That the page about clients says what this one called.
    fn check_page(&self, client: &str) {
        let people = [&self.ana, &self.ben].map(|person| person.id().as_str());
        assert_eq!(calls(&self.sim, &people), listed(client));
    }

    /// That exactly these calls were refused.
    fn check_refused(&self, expected: &[(&str, i64)]) {
        let rows = self.sim.timeline().into_iter();
        let refused: Vec<_> = rows
            .filter(|row| row.state == TimelineState::Failed)
            .map(|row| {
                let body = row.response.as_deref().unwrap_or_default();
                let body: Value = serde_json::from_str(body).unwrap();
                let subcode = body["error"]["error_subcode"].as_i64().unwrap_or_default();
                (row.title.clone(), subcode)
            })
            .collect();
        let expected: Vec<_> = expected
            .iter()
            .map(|(call, why)| ((*call).to_owned(), *why))
            .collect();
        assert_eq!(refused, expected, "refused calls");
    }
}

const ANOTHER_APP_HAS_IT: i64 = 2_018_300;
const NO_SUCH_PERSON: i64 = 2_018_001;
const NO_SUBCODE: i64 = 0;

#[tokio::test]
async fn messaging_api_messenger() {
    let setup = ClientSetup::start().await;
    setup.run(node("messaging-api-messenger.mjs")).await;
    setup.check_talk(
        "Hello from messaging-api-messenger",
        &[
            "button template",
            "generic template",
            "image",
            "Here again",
            "This is Ben",
            "image",
            "file",
            "file",
            "One",
        ],
    );
    setup.check_handovers();
    setup.check_refused(&[
        ("messages", ANOTHER_APP_HAS_IT),
        ("pass_thread_control", NO_SUBCODE),
    ]);
    setup.check_page("messaging-api-messenger");
}

#[tokio::test]
async fn messenger_node() {
    let setup = ClientSetup::start().await;
    setup.run(node("messenger-node.mjs")).await;
    setup.check_talk(
        "Hello from messenger-node",
        &[
            "button template",
            "generic template",
            "image",
            "Here again",
            "file",
        ],
    );
    setup.check_handovers();
    setup.check_refused(&[("messages", ANOTHER_APP_HAS_IT)]);
    setup.check_page("messenger-node");
}

#[tokio::test]
async fn facebook_business() {
    let setup = ClientSetup::start().await;
    setup.run(python("facebook_business_sdk.py")).await;
    setup.check_talk(
        "Hello from facebook-business",
        &[
            "button template",
            "generic template",
            "image",
            "Here again",
            "This is Ben",
            "image",
            "One",
            "Two",
        ],
    );
    setup.check_handovers();
    setup.check_refused(&[("messages", ANOTHER_APP_HAS_IT), ("messages", NO_SUBCODE)]);
    setup.check_page("facebook-business");
    assert_eq!(
        handovers(&setup.sim, &setup.ben),
        [
            format!("Passed to {APP}"),
            "Released".to_owned(),
            format!("Passed to {INBOX}"),
            format!("Requested to {APP}: may I?"),
        ]
    );
}

#[tokio::test]
async fn fbmessenger() {
    let setup = ClientSetup::start().await;
    setup.run(python("fbmessenger_client.py")).await;
    setup.check_talk("Hello from fbmessenger", &["image", "image"]);
    setup.check_refused(&[("messages", NO_SUCH_PERSON)]);
    setup.check_page("fbmessenger");
}

#[tokio::test]
async fn pymessenger() {
    let setup = ClientSetup::start().await;
    setup.run(python("pymessenger_bot.py")).await;
    setup.check_talk(
        "Hello from pymessenger",
        &["button template", "generic template", "image"],
    );
    setup.check_refused(&[("messages", NO_SUCH_PERSON)]);
    setup.check_page("pymessenger");
}

/// Ana talks to the bot, then to an agent, and to the bot again when the agent is done.
#[tokio::test]
async fn a_bottender_bot_hands_over_and_takes_up_again() {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let webhook = format!("http://{}/webhook", socket.local_addr().unwrap());
    let app = SimulatedApp::new(APP, "Bottender")
        .secret(SECRET)
        .token(TOKEN)
        .webhook(&webhook)
        .verify_token(VERIFY_TOKEN);
    let sim = Simulator::builder().app(app).start().await.unwrap();
    let mut command = node("bottender/server.js");
    command
        .current_dir(libraries().join("bottender"))
        .env("GRAPH_API_URL", sim.graph_url())
        .env("ACCESS_TOKEN", TOKEN)
        .env("APP_SECRET", SECRET)
        .env("APP_ID", APP)
        .env("VERIFY_TOKEN", VERIFY_TOKEN);
    let _bot = Program::serving(command, socket).expect("it is installed");

    let unsigned = http::Client::new().post(&webhook).json(&json!({}));
    let answer = timeout(PATIENCE, unsigned.send()).await;
    let refused = answer.expect("in time").expect("the bot answers");
    assert_eq!(refused.status(), 400, "the bot checks signatures");

    let ana = sim.person("Ana");
    let sees = async |text: &str| {
        let seen = || ana.messages().last().and_then(|last| last.text.clone());
        let is_last = || seen().as_deref() == Some(text);
        sim.wait_until(&format!("Ana sees {text:?}"), is_last)
            .await
            .unwrap();
    };
    let owns = async |app: &str| {
        let what = format!("{app} owns the thread");
        let owner = || sim.owner_of(&ana) == Some(app.into());
        sim.wait_until(&what, owner).await.unwrap();
    };
    ana.says("Hello").await.unwrap();
    sees("You said: Hello").await;
    ana.says("An agent, please").await.unwrap();
    owns(INBOX).await;
    sees("One moment, a colleague is taking over.").await;

    let agent = sim.inbox();
    ana.says("Where is my order?").await.unwrap();
    agent.reply(&ana, "On its way.").await.unwrap();
    agent.done(&ana).await.unwrap();
    sees("I am back. Anything else?").await;
    owns(APP).await;
    ana.says("No, thanks").await.unwrap();
    sees("You said: No, thanks").await;

    assert_eq!(calls(&sim, &[ana.id().as_str()]), listed("bottender"));
}

fn by_app(person: &Person) -> impl Iterator<Item = ChatMessage> {
    let messages = person.messages().into_iter();
    messages.filter(|message| message.author == MessageAuthor::App(APP.into()))
}

/// The text, or else what kind of thing it is.
fn content(message: &ChatMessage) -> String {
    let Some(attachment) = &message.attachment else {
        return message.text.clone().unwrap_or_default();
    };
    match attachment.payload.extra.get("template_type") {
        Some(kind) => format!("{} template", kind.as_str().unwrap_or_default()),
        None => attachment.kind.clone(),
    }
}

fn handovers(sim: &Simulator, person: &Person) -> Vec<String> {
    let inbox = sim.inbox();
    let mut threads = [Folder::Main, Folder::Done]
        .into_iter()
        .flat_map(|folder| inbox.threads(folder));
    let thread = threads
        .find(|thread| thread.person == *person.id())
        .unwrap();
    let in_words = |Handover {
                        kind, to, metadata, ..
                    }: &Handover| {
        let to = to.as_ref().map(|to| format!(" to {to}"));
        let metadata = metadata.as_ref().map(|note| format!(": {note}"));
        format!(
            "{kind:?}{}{}",
            to.unwrap_or_default(),
            metadata.unwrap_or_default()
        )
    };
    thread.handovers().map(in_words).collect()
}

/// The successful calls, with placeholders for the ids in their paths.
fn calls(sim: &Simulator, people: &[&str]) -> BTreeSet<String> {
    let succeeded = sim
        .timeline()
        .into_iter()
        .filter(|row| row.kind == TimelineKind::Call && row.state == TimelineState::Succeeded);
    let name = |segment: &str| match segment {
        "me" | PAGE => "{page}".to_owned(),
        APP => "{app}".to_owned(),
        person if people.contains(&person) => "{psid}".to_owned(),
        id if id.parse::<u64>().is_ok() => "{id}".to_owned(),
        word => word.to_owned(),
    };
    let is_version = |segment: &&str| segment.starts_with('v') && segment.contains('.');
    succeeded
        .map(|row| {
            let segments = row.url.split('/').filter(|segment| !segment.is_empty());
            let path: Vec<_> = segments.skip_while(is_version).map(name).collect();
            format!("{} /{}", row.method, path.join("/"))
        })
        .collect()
}

/// The calls that the page about clients says this one makes.
fn listed(client: &str) -> BTreeSet<String> {
    let mut rows = CLIENTS_PAGE
        .lines()
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>());
    let column = rows
        .find_map(|row| row.iter().position(|cell| *cell == client))
        .unwrap_or_else(|| panic!("no column is about {client}"));
    let ticked = rows.filter(|row| row.get(column) == Some(&"✓"));
    ticked
        .map(|row| row[1].trim_matches('`').to_owned())
        .collect()
}

/// What the page tells to write is what the scripts do.
#[test]
fn the_page_about_clients_shows_what_is_run() {
    let mut shown = BTreeSet::new();
    for part in CLIENTS_PAGE.split("](../../tests/clients/").skip(1) {
        let (script, rest) = part.split_once(')').unwrap();
        let Some((_, code)) = rest
            .trim_start()
            .split_once("```")
            .filter(|(before, _)| before.is_empty())
        else {
            continue;
        };
        let (_, code) = code.split_once('\n').unwrap();
        let (code, _) = code.split_once("```").unwrap();
        let run = std::fs::read_to_string(folder().join(script)).unwrap();
        assert!(run.contains(code), "{script} does not say\n{code}");
        shown.insert(script);
    }
    assert_eq!(
        shown.len(),
        CLIENTS_PAGE.matches("```").count() / 2,
        "each snippet has its script"
    );
}

/// The page names the versions that are installed.
#[test]
fn the_page_about_clients_names_the_versions() {
    let npm = include_str!("../clients/package.json");
    let python = include_str!("../clients/requirements.txt");
    let libraries = CLIENTS_PAGE.split("## Pointing a library").nth(1).unwrap();
    let headings = libraries
        .lines()
        .filter_map(|line| line.strip_prefix("### "));
    for heading in headings {
        let (name, version) = heading.split_once(' ').unwrap();
        let installed = npm.contains(&format!("\"{name}\": \"{version}\""))
            || python
                .lines()
                .any(|line| line == format!("{name}=={version}"));
        assert!(installed, "{heading} is not installed");
    }
}

fn folder() -> PathBuf {
    root().join("tests/clients")
}

/// Where the libraries are installed: outside of the repository's own files.
fn libraries() -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    target.unwrap().join("clients")
}

fn node(script: &str) -> Command {
    /// Node finds libraries beside a script.
    static COPIED: Once = Once::new();
    let libraries = libraries();
    assert!(
        libraries.join("node_modules").is_dir(),
        "the npm packages of tests/clients are missing: ./test installs them"
    );
    COPIED.call_once(|| {
        std::fs::create_dir_all(libraries.join("bottender")).unwrap();
        for folder in [folder(), folder().join("bottender")] {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path
                    .extension()
                    .is_some_and(|end| end == "mjs" || end == "js")
                {
                    let name = path.strip_prefix(self::folder()).unwrap();
                    std::fs::copy(&path, libraries.join(name)).unwrap();
                }
            }
        }
    });
    let mut command = Command::new(installed("node"));
    command.arg(libraries.join(script));
    command
}

fn python(script: &str) -> Command {
    let python = libraries().join("python/bin/python");
    assert!(
        python.is_file(),
        "the Python packages of tests/clients are missing: ./test installs them"
    );
    let mut command = Command::new(python);
    command.arg(folder().join(script));
    command
}
