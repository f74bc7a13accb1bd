//! `handover dev`, with a stub for Cargo; the bot that it "builds" is this very program.

#![cfg(unix)]

use std::fs::File;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use handover::prelude::*;
use handover_testkit::{PATIENCE, http};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout};
use tokio::time::{Instant, sleep, timeout};

use crate::support::{self, Folder, PROGRAM, handover, handover_at};

#[on_message]
async fn count(text: Text, mut questions: Session<u32>) -> String {
    *questions += 1;
    format!("{} is question {}", text.0, *questions)
}

/// Started by `handover dev`, not by whoever runs the tests.
#[tokio::test]
#[ignore = "this is the bot"]
async fn be_the_bot() {
    if std::env::var_os("HANDOVER_STORE").is_some() {
        handover::run(Bot::new(routes![count])).await.unwrap();
    }
}

/// A project, and the command at work on it.
pub(crate) struct Dev {
    folder: Folder,
    command: Child,
    lines: Lines<BufReader<ChildStdout>>,
    printed: Vec<String>,
    page: String,
}

/// Builds what the code says. What is "built" is this script, too: it does what `src/bot.sh` says and
/// then becomes the bot.
fn cargo(folder: &Folder) -> PathBuf {
    let bot = std::env::current_exe().unwrap();
    let path = folder.path().join("cargo");
    let built = |name: &str| {
        let target = json!({"name": name});
        json!({"reason": "compiler-artifact", "executable": path, "target": target})
    };
    let (bot, built, other) = (bot.display(), built("bot"), built("other"));
    let script = format!(
        "#!/bin/sh
        if [ \"$1\" = build ]; then
            if grep -q broken src/main.rs; then echo 'error: broken' >&2; exit 101; fi
            if grep -q several src/main.rs; then echo '{other}'; fi
            echo '{built}'
        else
            if [ -f src/bot.sh ]; then . ./src/bot.sh; fi
            exec '{bot}' \"$@\"
        fi\n"
    );
    folder.write("cargo", &script);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

impl Dev {
    pub(crate) async fn start(options: &[&str]) -> Self {
        let mut all = vec!["--port", "0", "--bot-port", "0"];
        all.extend(options);
        Self::begin(&all, "127.0.0.1:0").await
    }

    /// With the bot's operations at this address.
    async fn begin(options: &[&str], operations: &str) -> Self {
        Self::begin_with(options, &[("HANDOVER_OPERATIONS", operations)]).await
    }

    async fn begin_with(options: &[&str], variables: &[(&str, &str)]) -> Self {
        let folder = Folder::new("dev");
        std::fs::create_dir(folder.path().join("src")).unwrap();
        folder.write("Cargo.toml", "[package]\nname = \"bot\"\n");
        folder.write("src/main.rs", "fn main() {}");
        let mut arguments = vec!["dev"];
        arguments.extend(options);
        arguments.extend([
            "--",
            "--ignored",
            "--nocapture",
            "--exact",
            "dev::be_the_bot",
        ]);
        let program = folder.path().join("handover");
        std::fs::hard_link(PROGRAM, &program).unwrap();
        let mut command = handover_at(&program, &arguments)
            .within(folder.path())
            .env("CARGO", cargo(&folder).to_str().unwrap());
        for (name, value) in variables {
            command = command.env(name, value);
        }
        let stderr = File::create(folder.path().join("stderr")).unwrap();
        let mut command = command.spawn(Stdio::piped(), stderr.into());
        let lines = BufReader::new(command.stdout.take().unwrap()).lines();
        let mut dev = Self {
            folder,
            command,
            lines,
            printed: Vec::new(),
            page: String::new(),
        };
        let line = dev.prints("Be the customer").await;
        dev.page = line[line.find("http://").unwrap()..].trim().to_owned();
        dev
    }

    /// What the compiler and the bot said.
    fn errors(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("stderr")).unwrap()
    }

    /// Where the bot is to listen.
    async fn port(&mut self) -> u16 {
        let line = self.prints("the bot listens at").await;
        let address = line.split("127.0.0.1:").nth(1).unwrap();
        address.split('/').next().unwrap().parse().unwrap()
    }

    /// The bot answers.
    async fn works(&mut self) {
        self.prints("built in").await;
        let ben = self.new_person().await;
        self.says(&ben, "hello").await;
        self.hears(&ben, "hello is question 1").await;
    }

    /// Waits for a line with this in it.
    async fn prints(&mut self, text: &str) -> String {
        let read = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                self.printed.push(line.clone());
                if line.contains(text) {
                    return Some(line);
                }
            }
            None
        };
        let found = timeout(PATIENCE, read).await.ok().flatten();
        found.unwrap_or_else(|| panic!("{text} is not in {:#?}", self.printed))
    }

    async fn control(&self, path: &str) -> Value {
        let answer = http::get(format!("{}control/{path}", self.page))
            .await
            .unwrap();
        answer.json().await.unwrap()
    }

    /// Writes as a new person, or as one who wrote before.
    async fn says(&self, person: &str, text: &str) {
        let act = json!({"person": person, "text": text});
        let http = http::Client::new();
        let answer = http
            .post(format!("{}control/actions/say", self.page))
            .json(&act)
            .send()
            .await
            .unwrap();
        assert!(answer.status().is_success(), "{:?}", answer.text().await);
    }

    async fn new_person(&self) -> String {
        let http = http::Client::new();
        let name = json!({"name": "Ben"});
        let answer = http
            .post(format!("{}control/persons", self.page))
            .json(&name)
            .send()
            .await
            .unwrap();
        let answer: Value = answer.json().await.unwrap();
        let id = answer["person"]
            .as_str()
            .or(answer["person"]["id"].as_str());
        id.unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    async fn hears(&self, person: &str, text: &str) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let thread = self.control(&format!("threads/{person}")).await;
            let entries = thread["entries"].as_array().cloned().unwrap_or_default();
            if entries.iter().any(|entry| entry["text"] == text) {
                return;
            }
            assert!(
                Instant::now() < deadline,
                "{text} is not in {thread:#}; printed: {:#?}",
                self.printed
            );
            sleep(Duration::from_millis(50)).await;
        }
    }
}

/// Killed, it could not end its bots.
impl Drop for Dev {
    fn drop(&mut self) {
        let Some(id) = self.command.id() else {
            return;
        };
        let _ = Command::new("kill")
            .args(["-TERM", &id.to_string()])
            .status();
        let deadline = Instant::now() + PATIENCE;
        while matches!(self.command.try_wait(), Ok(None)) && Instant::now() < deadline {
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[tokio::test]
async fn the_conversation_outlives_a_broken_save_and_a_new_build() {
    let mut dev = Dev::start(&[]).await;
    dev.prints("built in").await;
    let ben = dev.new_person().await;
    dev.says(&ben, "hello").await;
    dev.hears(&ben, "hello is question 1").await;
    dev.prints("← 200 messages \"hello is question 1\"").await;

    dev.folder.write("src/main.rs", "broken");
    dev.prints("it does not build").await;
    assert!(dev.errors().contains("error: broken"), "{}", dev.errors());
    dev.says(&ben, "still there?").await;
    dev.hears(&ben, "still there? is question 2").await;

    dev.folder
        .write("src/main.rs", "fn main() { /* corrected */ }");
    dev.prints("src/main.rs was saved").await;
    dev.prints("built in").await;
    dev.says(&ben, "and now?").await;
    dev.hears(&ben, "and now? is question 3").await;

    let id = dev.command.id().unwrap().to_string();
    let asked = Command::new("kill").args(["-TERM", &id]).status();
    assert!(asked.unwrap().success());
    let ended = timeout(PATIENCE, dev.command.wait())
        .await
        .expect("it ends")
        .unwrap();
    assert!(ended.success(), "{ended}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn no_bot_is_left_behind_if_the_command_is_killed() {
    let mut dev = Dev::start(&[]).await;
    let webhook = format!("http://127.0.0.1:{}/webhook", dev.port().await);
    dev.prints("built in").await;
    let reached = async || http::get(&webhook).await.is_ok();
    support::until(reached).await;
    dev.command.kill().await.unwrap();
    support::until(async || !reached().await).await;
}

/// The journals of a command that was killed; another one's that still runs stay.
#[tokio::test]
async fn what_a_killed_command_left_is_deleted_by_the_next_one() {
    let temporary = Folder::new("dev-temporary");
    let start = async || {
        let variables = [
            ("TMPDIR", temporary.path().to_str().unwrap()),
            ("HANDOVER_OPERATIONS", "127.0.0.1:0"),
        ];
        let mut dev = Dev::begin_with(&["--port", "0", "--bot-port", "0"], &variables).await;
        dev.works().await;
        dev
    };
    let is_there = |id: u32| {
        let folder = temporary.path().join(format!("handover-dev-{id}"));
        folder.join("bot.db").exists()
    };
    let (mut killed, running) = (start().await, start().await);
    let ids = [&killed, &running].map(|dev| dev.command.id().unwrap());
    assert_eq!(ids.map(is_there), [true, true]);
    killed.command.kill().await.unwrap();
    assert!(is_there(ids[0]));
    let next = start().await;
    let left = std::fs::read_dir(temporary.path()).unwrap().count();
    assert_eq!(ids.map(is_there), [false, true]);
    assert!(is_there(next.command.id().unwrap()));
    assert_eq!(left, 2);
}

#[tokio::test]
async fn files_that_an_editor_leaves_beside_the_code_are_no_save() {
    let mut dev = Dev::start(&[]).await;
    dev.prints("built in").await;
    let files = [
        "4913",
        ".main.rs.swp",
        ".main.rs.swx",
        "main.rs~",
        "#main.rs#",
        ".#main.rs",
        ".main.rs.kate-swp",
        "main.rs___jb_tmp___",
    ];
    for name in files {
        let path = format!("src/{name}");
        dev.folder.write(&path, "fn main() {}");
        std::fs::remove_file(dev.folder.path().join(path)).unwrap();
    }
    dev.folder.write("src/menu.rs", "");
    // Changes are reported in order, so the ones before were seen.
    let saved = dev.prints("was saved").await;
    assert_eq!(saved, "src/menu.rs was saved");
    dev.works().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn another_version_of_the_command_may_be_installed_meanwhile() {
    let mut dev = Dev::start(&[]).await;
    dev.prints("built in").await;
    std::fs::remove_file(dev.folder.path().join("handover")).unwrap();
    dev.folder.write("src/main.rs", "fn main() { /* new */ }");
    dev.works().await;
}

/// While it changes, the bot takes several, and the platform has one.
#[tokio::test]
async fn one_of_several_verify_tokens_is_the_platforms() {
    let variables = [
        ("MESSENGER_VERIFY_TOKEN", "new,old"),
        ("HANDOVER_OPERATIONS", "127.0.0.1:0"),
    ];
    let mut dev = Dev::begin_with(&["--port", "0", "--bot-port", "0"], &variables).await;
    dev.works().await;
    let state = dev.control("state").await;
    let mut apps = state["apps"].as_array().unwrap().iter();
    let verified = apps.find(|app| app["name"] == "Your bot").unwrap();
    assert_eq!(verified["verified"], true, "{verified}");
}

#[tokio::test]
async fn several_bots_share_a_page() {
    let mut dev = Dev::start(&["--bots", "reception,billing"]).await;
    dev.prints("built in").await;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let state = dev.control("state").await;
        let apps = state["apps"].as_array().cloned().unwrap_or_default();
        let verified: Vec<_> = apps.iter().filter(|app| app["verified"] == true).collect();
        if verified.len() == 2 {
            assert_eq!(verified[0]["name"], "reception");
            assert_eq!(verified[1]["name"], "billing");
            break;
        }
        assert!(
            Instant::now() < deadline,
            "{state:#}; printed: {:#?}",
            dev.printed
        );
        sleep(Duration::from_millis(50)).await;
    }
    let ben = dev.new_person().await;
    dev.says(&ben, "hello").await;
    dev.hears(&ben, "hello is question 1").await;
}

#[tokio::test]
async fn a_bot_that_ends_starts_again_at_the_next_save_and_not_before() {
    let mut dev = Dev::start(&[]).await;
    dev.prints("built in").await;
    let ends = [
        ("echo 'panicked: no menu' >&2; exit 101", "exit status: 101"),
        ("echo 'Error: no database' >&2; exit 1", "exit status: 1"),
        ("exit 0", "exit status: 0"),
        ("kill -KILL $$", "signal: 9"),
    ];
    for (code, status) in ends {
        dev.folder.write("src/bot.sh", code);
        let ended = format!("the bot ended by itself ({status}");
        let ended = dev.prints(&ended).await;
        assert!(ended.contains("when you save"), "{ended}");
    }
    for word in ["no menu", "no database"] {
        assert!(dev.errors().contains(word), "{}", dev.errors());
    }
    dev.folder.write("src/bot.sh", ":");
    dev.works().await;
    let count = |text: &str| {
        let lines = dev.printed.iter();
        lines.filter(|line| line.contains(text)).count()
    };
    let (saved, built) = (count("was saved"), count("built in"));
    assert!(built <= saved + 1, "{:#?}", dev.printed);
    assert!(count("ended by itself") < built, "{:#?}", dev.printed);
}

#[tokio::test]
async fn a_bot_that_writes_ignored_files_is_not_restarted_endlessly() {
    let mut dev = Dev::start(&[]).await;
    dev.prints("built in").await;
    let folder = dev.folder.path().to_owned();
    let git = Command::new("git")
        .arg("init")
        .current_dir(&folder)
        .output();
    assert!(git.unwrap().status.success());
    dev.folder.write(".gitignore", "/src/log\n.env\n");
    dev.folder.write("src/bot.sh", "date > src/log");
    dev.works().await;
    dev.folder.write("src/log", "once more");
    dev.folder.write(".env", "");
    dev.prints(".env was saved").await;
    dev.works().await;
    let is_told = dev.printed.iter().any(|line| line.contains("src/log"));
    assert!(!is_told, "{:#?}", dev.printed);
}

#[tokio::test]
async fn ports_that_are_taken_make_way_and_that_is_said() {
    let holders = [(); 2].map(|()| TcpListener::bind("127.0.0.1:0").unwrap());
    let [page, bot] = holders
        .each_ref()
        .map(|it| it.local_addr().unwrap().port().to_string());
    let options = ["--port", &page, "--bot-port", &bot];
    let mut dev = Dev::begin(&options, "127.0.0.1:0").await;
    dev.prints(&format!("not at port {page}")).await;
    dev.prints(&format!("not at port {bot}")).await;
    dev.works().await;
}

#[tokio::test]
async fn a_port_that_is_lost_meanwhile_is_named() {
    let mut dev = Dev::start(&[]).await;
    let port = dev.port().await;
    dev.prints("built in").await;
    dev.folder.write("src/bot.sh", "exit 0");
    dev.prints("the bot ended by itself").await;
    let holder = TcpListener::bind(("127.0.0.1", port)).unwrap();
    dev.folder.write("src/bot.sh", ":");
    let output = format!("port {port} is used by another program");
    dev.prints(&output).await;
    drop(holder);
    dev.folder.write("src/bot.sh", ": again");
    dev.works().await;
}

#[tokio::test]
async fn an_operations_port_that_is_taken_is_named() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = holder.local_addr().unwrap().to_string();
    let mut dev = Dev::begin(&["--port", "0", "--bot-port", "0"], &address).await;
    dev.prints("the bot ended by itself").await;
    let errors = dev.errors();
    assert!(errors.contains("HANDOVER_OPERATIONS"), "{errors}");
    assert!(errors.contains(&address), "{errors}");
    drop(holder);
    dev.folder.write("src/bot.sh", ":");
    dev.works().await;
}

/// Such as that of a tunnel, through which a phone shows the page.
#[tokio::test]
async fn the_page_is_there_under_a_name_that_is_allowed() {
    let dev = Dev::start(&["--allow-host", "my.tunnel.dev"]).await;
    let under = async |name: &str| {
        let asked = http::Client::new().get(&dev.page).header("host", name);
        let answer = asked.send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    };
    assert_eq!(under("my.tunnel.dev").await.0, 200);
    let (status, said) = under("other.tunnel.dev").await;
    assert_eq!(status, 403);
    for way in [
        "--allow-host other.tunnel.dev",
        "SimulatorBuilder::allow_host",
    ] {
        assert!(said.contains(way), "{said}");
    }
}

#[tokio::test]
async fn a_project_that_is_broken_meanwhile_can_be_repaired() {
    let mut dev = Dev::start(&[]).await;
    dev.prints("built in").await;
    dev.folder.write("src/main.rs", "several");
    let output = dev.prints("has several programs").await;
    assert!(output.contains("when you save"), "{output}");
    dev.folder.write("src/main.rs", "fn main() {}");
    dev.works().await;
}

#[tokio::test]
async fn mistakes_are_answered_with_what_to_do() {
    let folder = Folder::new("dev");
    let manifest = folder.path().join("Cargo.toml");
    let arguments = [
        "dev",
        "--port",
        "0",
        "--manifest-path",
        manifest.to_str().unwrap(),
    ];
    let nowhere = handover(&arguments).within(folder.path()).run().await;
    assert!(
        nowhere.fault().contains("there is no Cargo.toml"),
        "{}",
        nowhere.stderr
    );
    for name in ["MESSENGER_PAGE_ID_FILE", "MESSENGER_APP_SECRET_FILE"] {
        let unusable = handover(&arguments).env(name, "/nowhere/value");
        let unusable = unusable.within(folder.path()).run().await;
        let said = unusable.misuse();
        assert!(said.contains("/nowhere/value cannot be read"), "{said}");
    }

    folder.write("Cargo.toml", "[package]\nname = \"bot\"\n");
    let missing = handover(&arguments)
        .env("CARGO", "/nowhere/cargo")
        .within(folder.path())
        .run()
        .await;
    assert!(
        missing.fault().contains("install Rust with rustup"),
        "{}",
        missing.stderr
    );

    let path = cargo(&folder);
    folder.write("cargo", "#!/bin/sh\necho '{}'\n");
    let library = handover(&arguments)
        .env("CARGO", path.to_str().unwrap())
        .within(folder.path())
        .run()
        .await;
    assert!(
        library.fault().contains("no program to run"),
        "{}",
        library.stderr
    );
}
