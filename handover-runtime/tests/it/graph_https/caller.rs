//! A process that makes one call. Its variables name the trusted certificates and the proxy.

use std::error::Error;
use std::process::Stdio;

use handover_runtime::graph::{Graph, GraphError, GraphSettings};

/// What became of a message that was sent there.
pub(crate) async fn call(base_url: &str, variables: &[(&str, String)]) -> String {
    let mut caller = tokio::process::Command::new(std::env::current_exe().unwrap());
    for name in ["HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "SSL_CERT_DIR"] {
        caller
            .env_remove(name)
            .env_remove(name.to_ascii_lowercase());
    }
    let caller = caller
        .args([
            "--exact",
            "graph_https::caller::sends_one_message",
            "--ignored",
            "--nocapture",
        ])
        .env("GRAPH_API_URL", base_url)
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = caller.await.unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let outcome = printed.lines().find_map(|line| line.strip_prefix("=> "));
    let outcome = outcome.map(str::to_owned);
    outcome.unwrap_or_else(|| panic!("{printed}{}", String::from_utf8_lossy(&output.stderr)))
}

#[tokio::test]
#[ignore = "the others run it, in a process with the variables that they want"]
async fn sends_one_message() {
    let base_url = std::env::var("GRAPH_API_URL").unwrap();
    let graph = Graph::new(GraphSettings::new("1", "token").base_url(base_url.parse().unwrap()));
    let sent = match graph {
        Ok(graph) => graph.send(&"2".into()).text("Hello").await,
        Err(error) => Err(error),
    };
    let outcome = match &sent {
        Ok(sent) => format!("sent as {}", sent.message_id.as_deref().unwrap_or("?")),
        Err(error @ GraphError::Unreachable { .. }) => format!("not sent: {}", causes(error)),
        Err(error @ GraphError::Interrupted { .. }) => format!("maybe sent: {}", causes(error)),
        Err(error) => causes(error),
    };
    // The test's own name stands on this line otherwise.
    println!("\n=> {outcome}");
}

fn causes(error: &GraphError) -> String {
    let causes = std::iter::successors(Some(error as &dyn Error), |error| (*error).source());
    let causes: Vec<_> = causes.map(ToString::to_string).collect();
    causes.join(": ")
}
