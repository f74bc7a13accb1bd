//! Runs an example as a program of its own.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::program::Program;

/// How long a program may take to listen.
const PATIENCE: Duration = Duration::from_secs(20);

/// A running example; dropping it ends it.
pub(crate) struct Example(Program);

impl Example {
    /// Starts the example with these variables, and none of the bot's others.
    pub(crate) fn start(name: &str, environment: &[(&str, String)]) -> Self {
        let mut command = Command::new(binary(name));
        for (variable, _) in std::env::vars_os() {
            let text = variable.to_string_lossy();
            if text.starts_with("MESSENGER_") || text.starts_with("GRAPH_API_") {
                command.env_remove(variable);
            }
        }
        let program = Program::start(
            command
                .envs(environment.iter().map(|(name, value)| (name, value)))
                // Away from any `.env` of whoever runs the tests.
                .current_dir(std::env::temp_dir()),
        );
        Self(program.expect("the example starts"))
    }

    /// The address of the simulator's page, once the example has told it.
    pub(crate) fn page(&mut self) -> String {
        self.0.wait_for("the page's address", |line| {
            let at = line.find("http://")?;
            line.contains("Be the customer")
                .then(|| line[at..].trim().to_owned())
        })
    }
}

/// The example's program, built anew if its source is newer.
fn binary(name: &str) -> PathBuf {
    let test = std::env::current_exe().expect("a test is a program");
    let profile = test
        .ancestors()
        .nth(2)
        .expect("tests live in target/<profile>/deps");
    let release = profile.ends_with("release").then_some("--release");
    let built = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--example", name])
        .args(release)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status();
    assert!(
        built.expect("cargo runs").success(),
        "the example {name} does not build"
    );
    profile.join("examples").join(name)
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

/// Waits until the webhook answers the platform's challenge.
pub(crate) async fn wait_until_verified(webhook: &str, token: &str) {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let url = format!(
        "{webhook}?hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token={}",
        token.replace(' ', "%20")
    );
    loop {
        if let Ok(response) = reqwest::get(&url).await
            && response.status() == 200
        {
            assert_eq!(response.text().await.unwrap(), "1158201444");
            return;
        }
        assert!(
            tokio::time::Instant::now() < deadline,
            "{webhook} does not answer"
        );
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
