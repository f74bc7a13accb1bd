//! The simulator's page as those who sit in front of it use it.

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::browser::take_picture;
use super::wait::until;

/// The page in a browser.
pub(crate) struct Desk(Client);

/// A row of the timeline.
#[derive(Debug, Deserialize)]
pub(crate) struct Row {
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) state: String,
    channel: Option<String>,
}

impl Row {
    pub(crate) fn on_standby(&self) -> bool {
        self.channel.as_deref() == Some("standby")
    }
}

impl Desk {
    pub(crate) async fn open(client: Client, address: &str) -> Self {
        client.goto(address).await.expect("the page opens");
        Self(client)
    }

    /// Saves what it looks like now to `target/browser`.
    pub(crate) async fn picture(&self, name: &str) {
        take_picture(&self.0, name)
            .await
            .expect("a picture of the page");
    }

    pub(crate) async fn reload(&self) {
        self.0.refresh().await.expect("the page reloads");
    }

    /// Clicks it as soon as that can be done.
    pub(crate) async fn click(&self, id: &str) {
        until(&format!("{id} can be clicked"), async || {
            let element = self.find(id).await.map_err(|error| error.to_string())?;
            if !element.is_enabled().await.is_ok_and(|enabled| enabled) {
                return Err("it is disabled".to_owned());
            }
            element.click().await.map_err(|error| error.to_string())
        })
        .await;
    }

    /// Types the text, and clicks what sends it.
    pub(crate) async fn write(&self, input: &str, text: &str, send: &str) {
        self.click(input).await;
        let input = self.find(input).await.expect("it has been clicked");
        input.send_keys(text).await.expect("keys can be pressed");
        self.click(send).await;
    }

    /// What the person's phone shows, each line after the one who said it.
    pub(crate) async fn on_the_phone(&self) -> Vec<String> {
        self.read(
            "return [...document.querySelectorAll('#person-messages [data-testid^=bubble]')]
                .map(line => (line.dataset.testid === 'bubble-person' ? 'person: ' : 'page: ')
                    + line.querySelector('.bubble').textContent)",
        )
        .await
    }

    /// What the agent sees of the conversation.
    pub(crate) async fn in_the_inbox(&self) -> Vec<String> {
        self.read(
            "return [...document.querySelectorAll('#inbox-messages [data-testid^=inbox-bubble]')]
                .map(line => line.querySelector('.bubble').textContent)",
        )
        .await
    }

    pub(crate) async fn timeline(&self) -> Vec<Row> {
        self.read(
            "return [...document.querySelectorAll('[data-testid=timeline-item]')]
                .map(row => ({...row.dataset}))",
        )
        .await
    }

    pub(crate) async fn text(&self, id: &str) -> String {
        let element = self.find(id).await.expect("it is on the page");
        element.text().await.expect("it has a text")
    }

    /// The app that owns the thread; empty if it is nobody's.
    pub(crate) async fn owner(&self) -> String {
        self.read("return document.querySelector('[data-testid=owner]').dataset.appId")
            .await
    }

    async fn find(&self, id: &str) -> Result<Element, CmdError> {
        let selector = format!("[data-testid={id}]");
        self.0.find(Locator::Css(&selector)).await
    }

    async fn read<T: DeserializeOwned>(&self, script: &str) -> T {
        let answer = self.0.execute(script, Vec::new()).await;
        serde_json::from_value(answer.expect("the script runs")).expect("it has this shape")
    }
}
