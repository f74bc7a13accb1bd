//! What the model may do. A tool is a function; the model writes its arguments as JSON.

use std::pin::Pin;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// What follows from a tool.
pub enum ToolResult {
    /// The model learns this, and goes on.
    Tell(String),
    /// A human goes on, and reads this.
    HandToHuman(String),
}

#[derive(Deserialize)]
struct Day {
    day: String,
}

async fn opening_hours(Day { day }: Day) -> ToolResult {
    let hours = match day.to_lowercase().as_str() {
        "sunday" => "10 to 14",
        _ => "9 to 18",
    };
    ToolResult::Tell(format!("open on {day} from {hours}"))
}

#[derive(Deserialize)]
struct Reason {
    reason: String,
}

async fn hand_to_human(Reason { reason }: Reason) -> ToolResult {
    ToolResult::HandToHuman(reason)
}

const HAND_TO_HUMAN: &str = "hand_to_human";

/// Returns the tools as they are declared to the model.
pub fn declared() -> Vec<Value> {
    let text = |about: &str| json!({ "type": "string", "description": about });
    let tool = |name: &str, about: &str, arguments: Value| {
        let names: Vec<_> = arguments
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, _)| name)
            .collect();
        let parameters = json!({ "type": "object", "properties": arguments, "required": names });
        let function = json!({ "name": name, "description": about, "parameters": parameters });
        json!({ "type": "function", "function": function })
    };
    let day = json!({ "day": text("in English, such as monday") });
    let reason =
        json!({ "reason": text("why, and a summary of the conversation for the colleague") });
    vec![
        tool("opening_hours", "When is the shop open?", day),
        tool(
            HAND_TO_HUMAN,
            "Hands the conversation to a colleague, and tells the person.",
            reason,
        ),
    ]
}

/// Calls a tool. If its arguments are wrong, the model gets the error, except for a handoff, which happens anyway.
pub async fn call(name: &str, arguments: &str) -> ToolResult {
    let running = match name {
        "opening_hours" => with(opening_hours, arguments),
        HAND_TO_HUMAN => with(hand_to_human, arguments),
        _ => return ToolResult::Tell(format!("there is no tool {name:?}")),
    };
    match running {
        Ok(running) => running.await,
        Err(_) if name == HAND_TO_HUMAN => ToolResult::HandToHuman(arguments.to_owned()),
        Err(error) => ToolResult::Tell(format!("these arguments are wrong: {error}")),
    }
}

type Running = Pin<Box<dyn Future<Output = ToolResult> + Send>>;

fn with<A, F>(function: fn(A) -> F, arguments: &str) -> serde_json::Result<Running>
where
    A: DeserializeOwned,
    F: Future<Output = ToolResult> + Send + 'static,
{
    Ok(Box::pin(function(serde_json::from_str(arguments)?)))
}
