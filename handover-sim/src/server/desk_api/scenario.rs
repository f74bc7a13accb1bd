//! A thread as a scenario test in Rust: what was done is done again, and what came of it is awaited.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use handover_protocol::{AppId, PersonId, QuickReply};

use super::super::desk::{Desk, Glance};
use super::answer::Answer;
use super::threads::no_thread;
use crate::platform::{
    Account, Author, ChatMessage, Handover, HandoverKind, Line, Product, Thread,
};

/// `GET /desk/threads/{person}/scenario`.
pub(super) async fn scenario(
    State(desk): State<Arc<Desk>>,
    Path(person): Path<PersonId>,
    headers: HeaderMap,
) -> Answer<impl IntoResponse> {
    let host = headers
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let text = desk.glance(|glance| {
        let thread = glance.platform.thread(&person);
        Some(Scenario::of(&glance, thread?, host.unwrap_or_default()).text)
    });
    let kind = (header::CONTENT_TYPE, "text/plain; charset=utf-8");
    Ok(([kind], text.ok_or_else(|| no_thread(&person))?))
}

struct Scenario<'a> {
    thread: &'a Thread,
    inbox: AppId,
    text: String,
    /// How many messages there are at this point.
    messages: usize,
}

impl<'a> Scenario<'a> {
    fn of(glance: &Glance<'a>, thread: &'a Thread, host: &str) -> Self {
        let mut scenario = Self {
            thread,
            inbox: thread.product.inbox(),
            text: String::new(),
            messages: 0,
        };
        scenario.setting(glance, host);
        for (index, line) in thread.lines.iter().enumerate() {
            match line {
                Line::Message(message) => scenario.message(index, message),
                Line::Handover(handover) => scenario.handover(index, handover),
            }
        }
        scenario.text.push_str("    Ok(())\n}\n");
        scenario
    }

    fn line(&mut self, line: &str) {
        self.text.push_str("    ");
        self.text.push_str(line);
        self.text.push('\n');
    }

    fn setting(&mut self, glance: &Glance<'_>, host: &str) {
        let name = &self.thread.name;
        self.text = format!(
            "use handover_sim::{{SimulatedApp, Simulator}};\n\n\
             /// Saved from a thread with {}.\n\
             #[tokio::test]\n\
             #[ignore = \"needs the bot at its webhook's address\"]\n\
             async fn saved_scenario() -> Result<(), Box<dyn std::error::Error>> {{\n",
            name.escape_debug(),
        );
        self.line("let sim = Simulator::builder()");
        let account = glance.platform.account(&self.thread.account);
        let (id, name) = account.map_or(("", ""), |one| (one.id.as_str(), one.name.as_str()));
        match (
            self.thread.product,
            account.and_then(|one| one.page.as_ref()),
        ) {
            (Product::Instagram, Some(page)) => {
                self.line(&format!(
                    "    .instagram({id:?}, {name:?}, {:?})",
                    page.as_str()
                ));
            }
            _ => self.line(&format!("    .page({id:?}, {name:?})")),
        }
        for connection in account.into_iter().flat_map(Account::connections) {
            self.app(glance, &connection.app);
        }
        match account.and_then(|account| account.routing.default_app()) {
            Some(default) => self.line(&format!("    .default_app({:?})", default.as_str())),
            None => self.line("    .zero_config()"),
        }
        self.line(&format!("    .address({host:?}.parse()?)"));
        self.line("    .start()");
        self.line("    .await?;");
        self.line(&format!("let person = sim.person({:?});", self.thread.name));
    }

    /// Secrets stay here: those of the test are what the bot is given by the environment.
    fn app(&mut self, glance: &Glance<'_>, id: &AppId) {
        let Some(app) = glance.platform.app(id).filter(|app| !app.is_metas_own()) else {
            return;
        };
        self.line("    .app(");
        self.line(&format!(
            "        SimulatedApp::new({:?}, {:?})",
            id.as_str(),
            app.name
        ));
        if let Some(callback) = glance.callbacks.get(id) {
            self.line("            .secret(std::env::var(\"MESSENGER_APP_SECRET\")?)");
            self.line("            .token(std::env::var(\"MESSENGER_ACCESS_TOKEN\")?)");
            self.line(&format!(
                "            .webhook({:?}),",
                callback.url.as_str()
            ));
        } else {
            self.line("            .standby(false),");
        }
        self.line("    )");
    }

    fn message(&mut self, index: usize, message: &ChatMessage) {
        self.messages += 1;
        let text = message.text.as_deref();
        match (&message.author, text) {
            (Author::Person, Some(text)) => self.said(index, text),
            (Author::Person, None) => self.line("// Here the person sent an attachment."),
            (Author::App(app), Some(text)) if *app == self.inbox => {
                self.line(&format!("sim.inbox().reply(&person, {text:?}).await?;"));
            }
            (Author::App(_), text) => {
                let index = self.messages - 1;
                let what = text.unwrap_or("a template or attachment");
                self.line(&format!(
                    "sim.wait_until({:?}, || {{",
                    format!("they get: {what}")
                ));
                self.line("    let messages = person.messages();");
                self.line(&format!("    let message = messages.get({index});"));
                let is_it = match text {
                    Some(text) => format!("message.text.as_deref() == Some({text:?})"),
                    None => "message.text.is_none()".to_owned(),
                };
                self.line(&format!("    message.is_some_and(|message| {is_it})"));
                self.line("})");
                self.line(".await?;");
            }
        }
    }

    /// Taps leave nothing but their titles.
    fn said(&mut self, index: usize, text: &str) {
        let before = self.thread.lines.get(..index).unwrap_or_default();
        let mut messages = before.iter().rev().filter_map(|line| match line {
            Line::Message(message) => Some(message),
            Line::Handover(_) => None,
        });
        let offers = |message: &ChatMessage| {
            message
                .quick_replies
                .iter()
                .any(|reply| matches!(reply, QuickReply::Text { title, .. } if title == text))
        };
        let has_button = |message: &ChatMessage| {
            let mut buttons = message.buttons().into_iter();
            buttons.any(|button| button.kind == "postback" && button.title == text)
        };
        let newest = messages.next();
        let act = if newest.is_none() && text == "Get Started" {
            "person.taps_get_started().await?;".to_owned()
        } else if newest.is_some_and(offers) {
            format!("person.taps_quick_reply({text:?}).await?;")
        } else if newest.into_iter().chain(messages).any(has_button) {
            format!("person.taps_button({text:?}).await?;")
        } else {
            format!("person.says({text:?}).await?;")
        };
        self.line(&act);
    }

    fn handover(&mut self, index: usize, handover: &Handover) {
        let of_inbox = |app: &Option<AppId>| app.as_ref() == Some(&self.inbox);
        let next = self.thread.lines.get(index + 1);
        let replies_next = next.is_some_and(|line| match line {
            Line::Message(message) => message.author == Author::App(self.inbox.clone()),
            Line::Handover(_) => false,
        });
        match handover.kind {
            HandoverKind::Routed => {}
            HandoverKind::Taken if of_inbox(&handover.to) && replies_next => {}
            HandoverKind::Taken if of_inbox(&handover.to) => {
                self.line("sim.inbox().take(&person).await?;");
            }
            HandoverKind::Requested if of_inbox(&handover.to) => {
                self.line("sim.inbox().request(&person).await?;");
            }
            HandoverKind::Requested => {}
            HandoverKind::Passed if of_inbox(&handover.from) => {
                self.line("sim.inbox().done(&person).await?;");
            }
            HandoverKind::Expired => {
                self.line("sim.pass_time(std::time::Duration::from_secs(25 * 60 * 60)).await;");
            }
            HandoverKind::Passed | HandoverKind::Taken | HandoverKind::Released => {
                self.owned_by(handover.to.as_ref());
            }
        }
    }

    fn owned_by(&mut self, owner: Option<&AppId>) {
        let (what, owner) = match owner {
            Some(app) => (
                format!("app {app} owns the thread"),
                format!("Some({:?}.into())", app.as_str()),
            ),
            None => ("nobody owns the thread".to_owned(), "None".to_owned()),
        };
        self.line(&format!(
            "sim.wait_until({what:?}, || sim.owner_of(&person) == {owner})"
        ));
        self.line("    .await?;");
    }
}
