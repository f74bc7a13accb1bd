//! Prints what the bot understands of webhook bodies: one line per event.
//!
//! `cargo run --example understand -- body.json …`, or a body on standard input.

use std::io::Read;
use std::process::ExitCode;

use handover::ThreadKey;
use handover::protocol::{EventBody, Received, read};

fn main() -> ExitCode {
    let files: Vec<_> = std::env::args().skip(1).collect();
    let mut understood = true;
    if files.is_empty() {
        let mut body = Vec::new();
        let read = std::io::stdin().read_to_end(&mut body);
        understood &= explain("stdin", read.map(|_| body));
    }
    for file in files {
        understood &= explain(&file, std::fs::read(&file));
    }
    if understood {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Whether the body could be read.
fn explain(name: &str, body: std::io::Result<Vec<u8>>) -> bool {
    let webhook = match body {
        Ok(body) => read(&body).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match webhook {
        Ok(webhook) if webhook.received.is_empty() => println!("{name}: no event"),
        Ok(webhook) => webhook
            .received
            .iter()
            .for_each(|received| println!("{name}: {}", line(received))),
        Err(error) => {
            println!("{name}: {error}");
            return false;
        }
    }
    true
}

/// Kind, thread, channel.
fn line(received: &Received) -> String {
    let Received {
        object,
        channel,
        event,
        ..
    } = received;
    let thread = ThreadKey::of(received);
    let unknown = matches!(event.body, EventBody::Unknown { .. });
    let note = if unknown { " (kept whole)" } else { "" };
    format!(
        "{}{note}  thread {thread}  {channel} of {}",
        event.body.kind(),
        object.as_str()
    )
}
