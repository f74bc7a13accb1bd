//! A bot that only listens: people answer in the Page Inbox, and it labels who asks about what, where
//! they see it.
//!
//! ```text
//! Ana: Where is my refund?
//! (The bot puts the label "refund" on her.)
//! Ben: Hi Ana, it is on its way.
//! Ana: And I would like to book a table for ten.
//! (Now she has the label "book", too.)
//! Ben: With pleasure!
//! ```
//!
//! The Page's default app is the inbox, so the bot never owns a thread: all it hears comes on the
//! standby channel. A handler of `#[on_standby]` that tried to answer would not compile.
//!
//! `cargo run --example standby_observer` runs it against the simulator. With
//! `MESSENGER_PAGE_ID` and the other variables set, the same program is a production bot.

use handover::Simulation;
use handover::graph::GraphError;
use handover::prelude::*;
use handover::protocol::AppId;
use handover::sim::SimulatorBuilder;

/// What people ask about: the labels.
const TOPICS: [&str; 2] = ["refund", "book"];

#[on_standby(kind = "message")]
async fn label(text: Text, person: Sender, graph: Graph) -> Result<(), GraphError> {
    let text = text.to_lowercase();
    for topic in TOPICS.into_iter().filter(|topic| text.contains(topic)) {
        graph
            .add_label(&id_of(topic, &graph).await?, &person)
            .await?;
    }
    Ok(())
}

/// The id of the Page's label, which is made if it is not there yet.
async fn id_of(label: &str, graph: &Graph) -> Result<String, GraphError> {
    let known = graph.labels().all().await?;
    let found = known
        .into_iter()
        .find(|known| known.page_label_name.as_deref() == Some(label));
    match found.and_then(|label| label.id) {
        Some(id) => Ok(id),
        None => graph.create_label(label).await,
    }
}

pub(crate) fn bot() -> Bot {
    Bot::new(routes![label])
}

pub(crate) fn platform(platform: SimulatorBuilder) -> SimulatorBuilder {
    platform.default_app(AppId::PAGE_INBOX)
}

#[tokio::main]
async fn main() -> handover::Result {
    Simulation::new()
        .platform(platform)
        .bot("standby_observer", bot())
        .run()
        .await
}
