//! The same handlers, as each framework has them written.

use crate::template::Template;

#[derive(Clone, Copy)]
pub(crate) enum Family {
    Plain,
    Handover,
    Axum,
    DebugHandler,
    Rocket,
    Poise,
}

impl Family {
    pub(crate) const ALL: [Self; 6] = [
        Self::Plain,
        Self::Handover,
        Self::Axum,
        Self::DebugHandler,
        Self::Rocket,
        Self::Poise,
    ];

    pub(crate) fn template(self) -> &'static Template {
        match self {
            Self::Plain => &PLAIN,
            Self::Handover => &HANDOVER,
            Self::Axum => &AXUM,
            Self::DebugHandler => &DEBUG_HANDLER,
            Self::Rocket => &ROCKET,
            Self::Poise => &POISE,
        }
    }
}

const PLAIN: Template = Template {
    name: "plain",
    dependencies: "",
    program: "
use std::pin::Pin;

type Started = Pin<Box<dyn Future<Output = String>>>;

fn main() {
    let started: Vec<Started> = vec![ENTRIES
    ];
    drop(started);
}
",
    handlers: &["
async fn handler_NUMBER(text: String, id: u64) -> String {
    BODY
    reply
}
"],
    entry: "
        Box::pin(handler_NUMBER(String::new(), NUMBER)),",
};

const HANDOVER: Template = Template {
    name: "handover",
    // The TLS that builds quicker: nothing of it is in what is measured.
    dependencies: r#"
handover = { path = "ROOT", default-features = false, features = ["tls-ring"] }
serde = { version = "1", features = ["derive"] }
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
"#,
    program: "
use handover::prelude::*;
use serde::{Deserialize, Serialize};

/// What the bot remembers of a thread.
#[derive(Default, Serialize, Deserialize)]
pub struct Visit {
    pub handoffs: u32,
}

#[tokio::main]
async fn main() -> handover::Result {
    let routes: Routes = routes![ENTRIES
    ];
    handover::run(Bot::new(routes)).await
}
",
    handlers: &[
        r#"
/// Says which word is the longest.
#[on_message(text = ["longest NUMBER", "long NUMBER"])]
async fn handler_NUMBER(text: Text, id: Sender) -> String {
    BODY
    reply
}
"#,
        r#"
/// Says which word of the button is the longest.
#[on_postback(payload = "LONGEST_NUMBER")]
async fn handler_NUMBER(text: Payload, id: Sender) -> String {
    BODY
    reply
}
"#,
        r#"
/// Leaves the longest word to a person.
#[on_message(text = ["agent NUMBER", "human NUMBER"])]
#[handoff(to = "page_inbox")]
async fn handler_NUMBER(text: Text, id: Sender, mut visit: Session<Visit>) -> String {
    visit.handoffs += 1;
    BODY
    reply
}
"#,
    ],
    entry: "
        handler_NUMBER,",
};

const AXUM: Template = Template {
    name: "axum",
    dependencies: r#"
axum = "0.8"
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
"#,
    program: r#"
#[allow(unused_imports)]
use axum::{Router, extract::Path, routing::post};

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let router = Router::new()ENTRIES;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    axum::serve(listener, router).await
}
"#,
    handlers: &["
/// Says which word is the longest.
async fn handler_NUMBER(Path(id): Path<u64>, text: String) -> String {
    BODY
    reply
}
"],
    entry: r#"
        .route("/NUMBER/{id}", post(handler_NUMBER))"#,
};

const DEBUG_HANDLER: Template = Template {
    name: "axum-debug-handler",
    dependencies: r#"
axum = { version = "0.8", features = ["macros"] }
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
"#,
    handlers: &["
/// Says which word is the longest.
#[axum::debug_handler]
async fn handler_NUMBER(Path(id): Path<u64>, text: String) -> String {
    BODY
    reply
}
"],
    ..AXUM
};

const ROCKET: Template = Template {
    name: "rocket",
    dependencies: r#"
rocket = "0.5"
"#,
    program: r#"
#[rocket::main]
async fn main() -> Result<(), Box<rocket::Error>> {
    let routes = rocket::routes![ENTRIES
    ];
    rocket::build().mount("/", routes).launch().await?;
    Ok(())
}
"#,
    handlers: &[r#"
/// Says which word is the longest.
#[rocket::get("/NUMBER/<id>?<text>")]
async fn handler_NUMBER(id: u64, text: String) -> String {
    BODY
    reply
}
"#],
    entry: "
        handler_NUMBER,",
};

const POISE: Template = Template {
    name: "poise",
    dependencies: r#"
poise = "0.7"
tokio = { version = "1", features = ["macros", "rt-multi-thread"] }
"#,
    program: r#"
use poise::serenity_prelude as serenity;

pub type Error = Box<dyn std::error::Error + Send + Sync>;
pub type Context<'a> = poise::Context<'a, (), Error>;

#[tokio::main]
async fn main() -> Result<(), Error> {
    let commands: Vec<poise::Command<(), Error>> = vec![ENTRIES
    ];
    let options = poise::FrameworkOptions {
        commands,
        ..Default::default()
    };
    let framework = poise::Framework::builder()
        .options(options)
        .setup(|_, _, _| Box::pin(async { Ok(()) }))
        .build();
    let intents = serenity::GatewayIntents::non_privileged();
    let client = serenity::ClientBuilder::new("token", intents).framework(framework);
    client.await?.start().await?;
    Ok(())
}
"#,
    handlers: &["
/// Says which word is the longest.
#[poise::command(prefix_command, slash_command)]
async fn handler_NUMBER(ctx: Context<'_>, id: u64, text: String) -> Result<(), Error> {
    BODY
    ctx.say(reply).await?;
    Ok(())
}
"],
    entry: "
        handler_NUMBER(),",
};
