//! A real Chromium without a window, driven through chromedriver.

use std::fs;
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::process::Command;

use axum::http::Method;
use fantoccini::error::CmdError;
use fantoccini::wd::WebDriverCompatibleCommand;
use fantoccini::{Client, ClientBuilder};
use futures_util::FutureExt;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use url::{ParseError, Url};

use super::installed::installed;
use super::program::Program;

/// What the page has of a laptop's screen.
const WIDTH: u32 = 1440;
const HEIGHT: u32 = 900;

/// Runs the scene in a browser that is closed whatever happens in it. At the end a picture of the
/// page is in `target/browser`; an error on the page's console is a failure.
pub(crate) async fn play(name: &str, scene: impl AsyncFnOnce(Client)) {
    play_with(name, &[], scene).await;
}

/// The same in a browser whose pages take it for that of a person.
pub(crate) async fn play_as_a_person(name: &str, scene: impl AsyncFnOnce(Client)) {
    let hidden = "--disable-blink-features=AutomationControlled";
    play_with(name, &[hidden], scene).await;
}

async fn play_with(name: &str, more: &[&str], scene: impl AsyncFnOnce(Client)) {
    let profile = Profile::new(name);
    let (_driver, port) = start_driver();
    let client = connect(port, &profile, more).await;

    // Chromedriver leaves a browser running unless its session is closed.
    let played = AssertUnwindSafe(scene(client.clone())).catch_unwind().await;
    let picture = take_picture(&client, name).await;
    let errors = console_errors(&client).await;
    let closed = client.close().await;

    if let Err(failure) = played {
        eprintln!("the page in the end: {picture:?}, on its console: {errors:#?}");
        resume_unwind(failure);
    }
    picture.expect("a picture of the page");
    closed.expect("the browser closes");
    let errors = errors.expect("the page's console");
    assert!(errors.is_empty(), "errors on the console: {errors:#?}");
}

fn start_driver() -> (Program, u16) {
    loop {
        let mut driver = Program::start(Command::new(installed("chromedriver")).arg("--port=0"))
            .expect("chromedriver starts");
        let port = driver.wait_for("its port", |line| {
            // Somebody else was quicker to take the port it found.
            if line.contains("port not available") {
                return Some(None);
            }
            let (_, port) = line.split_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok().map(Some)
        });
        if let Some(port) = port {
            return (driver, port);
        }
    }
}

async fn connect(port: u16, profile: &Profile, more: &[&str]) -> Client {
    let usual = [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        // The page has to do without the rest of the world.
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
        &format!("--user-data-dir={}", profile.0.display()),
    ];
    let arguments = [&usual, more].concat();
    let Value::Object(capabilities) = json!({
        "goog:chromeOptions": { "binary": installed("chromium"), "args": arguments },
        "goog:loggingPrefs": { "browser": "ALL" },
    }) else {
        unreachable!("an object was written")
    };
    let client = ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await
        .expect("chromium starts");
    size_page(&client, WIDTH, HEIGHT)
        .await
        .expect("the window has a size");
    client
}

/// Makes the window so large that the page in it has the size.
pub(crate) async fn size_page(client: &Client, width: u32, height: u32) -> Result<(), CmdError> {
    let frame = "return [outerWidth - innerWidth, outerHeight - innerHeight]";
    let frame: (u32, u32) = serde_json::from_value(client.execute(frame, Vec::new()).await?)?;
    client
        .set_window_size(width + frame.0, height + frame.1)
        .await
}

/// Saves what the page looks like now to `target/browser`.
pub(crate) async fn take_picture(client: &Client, name: &str) -> Result<PathBuf, CmdError> {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent();
    let folder = target.expect("it is in target").join("browser");
    let path = folder.join(name).with_extension("png");
    let picture = client.screenshot().await?;
    fs::create_dir_all(folder).expect("target can be written to");
    fs::write(&path, picture).expect("target can be written to");
    Ok(path)
}

/// Takes what the page has reported since the last time.
pub(crate) async fn console_errors(client: &Client) -> Result<Vec<Value>, CmdError> {
    let said: Vec<Value> = serde_json::from_value(client.issue_cmd(ConsoleLog).await?)?;
    let errors = said.into_iter().filter(|entry| entry["level"] == "SEVERE");
    Ok(errors.collect())
}

/// A command of chromedriver that the standard does not have.
#[derive(Debug)]
struct ConsoleLog;

impl WebDriverCompatibleCommand for ConsoleLog {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        base.join(&format!("session/{}/se/log", session.unwrap_or_default()))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": "browser" }).to_string()))
    }
}

/// A browser's memory, fresh for each play.
struct Profile(PathBuf);

impl Profile {
    fn new(name: &str) -> Self {
        let unique = format!("chromium-{name}-{}", std::process::id());
        Self(Path::new(env!("CARGO_TARGET_TMPDIR")).join(unique))
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
