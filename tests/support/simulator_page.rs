//! The simulator's page as its users use it.

use std::path::Path;

use fantoccini::elements::Element;
use fantoccini::error::CmdError;
use fantoccini::{Client, Locator};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::browser::{console_errors, size_page, take_picture};
use super::wait::until;

/// The page in a browser.
pub(crate) struct SimulatorPage(Client);

/// A row of the timeline.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Row {
    pub(crate) kind: String,
    pub(crate) title: String,
    pub(crate) state: String,
    pub(crate) fault: Option<String>,
    channel: Option<String>,
}

impl Row {
    pub(crate) fn on_standby(&self) -> bool {
        self.channel.as_deref() == Some("standby")
    }
}

impl SimulatorPage {
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

    /// Clicks what is in the first of the others.
    pub(crate) async fn click_in(&self, outer: &str, inner: &str) {
        self.click(&format!("{outer}] [data-testid={inner}")).await;
    }

    /// Types the text, and clicks what sends it.
    pub(crate) async fn write(&self, input: &str, text: &str, send: &str) {
        self.click(input).await;
        let input = self.find(input).await.expect("it has been clicked");
        input.send_keys(text).await.expect("keys can be pressed");
        self.click(send).await;
    }

    /// Presses keys where the focus is. The page may move it meanwhile: then no key was pressed yet.
    pub(crate) async fn press(&self, keys: &str) {
        until(&format!("{keys:?} can be pressed"), async || {
            let focused = self.0.active_element().await;
            let focused = focused.map_err(|error| error.to_string())?;
            focused
                .send_keys(keys)
                .await
                .map_err(|error| error.to_string())
        })
        .await;
    }

    /// An attribute of what has this test id.
    pub(crate) async fn attribute(&self, id: &str, name: &str) -> String {
        let element = self.find(id).await.expect("it is on the page");
        let value = element.attr(name).await.expect("it can be read");
        value.unwrap_or_default()
    }

    /// Chooses a file for a field, which need not be visible.
    pub(crate) async fn choose_file(&self, id: &str, path: &Path) {
        let field = self.find(id).await.expect("the field is there");
        let path = path.to_str().expect("the path is text");
        field.send_keys(path).await.expect("a file can be chosen");
    }

    /// What has the focus, by its test id.
    pub(crate) async fn focus(&self) -> Option<String> {
        self.read("return document.activeElement.dataset.testid ?? null")
            .await
    }

    /// Chooses an option of a list by its value.
    pub(crate) async fn choose(&self, id: &str, value: &str) {
        let list = self.find(id).await.expect("the list is there");
        list.select_by_value(value)
            .await
            .expect("it has the option");
    }

    /// Replaces what is in a field.
    pub(crate) async fn fill(&self, id: &str, text: &str) {
        let field = self.find(id).await.expect("the field is there");
        field.clear().await.expect("it can be cleared");
        field.send_keys(text).await.expect("keys can be pressed");
    }

    /// Waits until it shows this text, among others.
    pub(crate) async fn shows(&self, id: &str, text: &str) {
        until(&format!("{id} shows {text:?}"), async || {
            let element = self.find(id).await.map_err(|error| error.to_string())?;
            let shown = element.text().await.map_err(|error| error.to_string())?;
            shown.contains(text).then_some(()).ok_or(shown)
        })
        .await;
    }

    /// Waits until the script gives what is expected.
    pub(crate) async fn gives<T>(&self, script: &str, expected: T)
    where
        T: DeserializeOwned + PartialEq + std::fmt::Debug,
    {
        until(&format!("{script} gives {expected:?}"), async || {
            let given: T = self.read(script).await;
            (given == expected)
                .then_some(())
                .ok_or_else(|| format!("{given:?}"))
        })
        .await;
    }

    /// Waits until a row of the timeline is like this.
    pub(crate) async fn has_row(&self, what: &str, is_it: impl Fn(&Row) -> bool) {
        until(&format!("the timeline shows {what}"), async || {
            let rows = self.timeline().await;
            rows.iter()
                .any(&is_it)
                .then_some(())
                .ok_or_else(|| format!("{rows:#?}"))
        })
        .await;
    }

    /// Waits until all rows of the timeline are like this.
    pub(crate) async fn has_only_rows(&self, what: &str, is_it: impl Fn(&Row) -> bool) {
        until(&format!("the timeline shows only {what}"), async || {
            let rows = self.timeline().await;
            (!rows.is_empty() && rows.iter().all(&is_it))
                .then_some(())
                .ok_or_else(|| format!("{rows:#?}"))
        })
        .await;
    }

    /// Gives the page this much room.
    pub(crate) async fn resize(&self, width: u32, height: u32) {
        size_page(&self.0, width, height)
            .await
            .expect("the window has a size");
    }

    pub(crate) async fn goes_to(&self, address: &str) {
        self.0.goto(address).await.expect("the page opens");
    }

    pub(crate) async fn address(&self) -> String {
        let url = self.0.current_url().await;
        url.expect("the page has an address").to_string()
    }

    /// What is on the page's console so far is no failure.
    pub(crate) async fn forget_console(&self) {
        console_errors(&self.0).await.expect("the page's console");
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

    pub(crate) async fn read<T: DeserializeOwned>(&self, script: &str) -> T {
        let answer = self.0.execute(script, Vec::new()).await;
        serde_json::from_value(answer.expect("the script runs")).expect("it has this shape")
    }

    /// The same of a script that calls its last argument when it has something.
    pub(crate) async fn read_async<T: DeserializeOwned>(&self, script: &str) -> T {
        let answer = self.0.execute_async(script, Vec::new()).await;
        serde_json::from_value(answer.expect("the script runs")).expect("it has this shape")
    }
}
