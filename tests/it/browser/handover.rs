//! The example `live_chat` on the simulator's page: a person, an agent and the bot in one
//! conversation, played by clicking in a real browser.

use fantoccini::Client;

use crate::support::browser::play;
use crate::support::example::Example;
use crate::support::simulator_page::SimulatorPage;
use crate::support::wait::until;

const BOT: &str = "1517776481860111";
const PAGE_INBOX: &str = "263902037430900";

#[tokio::test]
async fn a_conversation_goes_to_a_person_and_back() {
    let mut bot = Example::start("live_chat", &[]);
    let address = bot.page();
    play("live_chat", async move |client| {
        let mut chat = Chat::open(client, &address).await;
        chat.bot_greets().await;
        chat.bot_hands_over().await;
        chat.agent_answers().await;
        chat.bot_is_silent_while_people_talk().await;
        chat.page.picture("handover").await;
        chat.page_is_reloaded().await;
        chat.agent_is_done().await;
        chat.agent_asks_for_the_thread().await;
        chat.bot_understands_nothing().await;
    })
    .await;
}

/// The conversation, and how it should have gone so far.
struct Chat {
    page: SimulatorPage,
    /// What the phone shows.
    said: Vec<String>,
    /// What the timeline shows of the bot's calls.
    called: Vec<String>,
}

impl Chat {
    async fn open(client: Client, address: &str) -> Self {
        let page = SimulatorPage::open(client, address).await;
        page.click("filter-call").await;
        Self {
            page,
            said: Vec::new(),
            called: Vec::new(),
        }
    }

    async fn bot_greets(&mut self) {
        self.page.click("get-started").await;
        self.said.push("person: Get Started".to_owned());
        self.bot_says("Hi! Ask me anything, or write \"agent\" to talk to a person.");
        self.stands_and_is_with(BOT).await;
    }

    async fn bot_hands_over(&mut self) {
        self.person_writes("Agent").await;
        self.bot_says("One moment, a colleague is taking over.");
        self.bot_calls("pass_thread_control");
        self.stands_and_is_with(PAGE_INBOX).await;
    }

    async fn agent_answers(&mut self) {
        self.page.click("inbox-folder-main").await;
        self.page.click("inbox-thread").await;
        self.agent_reads("asked for a person").await;
        self.agent_writes("This is Ben. How can I help?").await;
        self.stands_and_is_with(PAGE_INBOX).await;
    }

    async fn bot_is_silent_while_people_talk(&mut self) {
        self.person_writes("Where is my order?").await;
        until("the agent sees the question", async || {
            let seen = self.page.in_the_inbox().await;
            let last = seen.last().map(String::as_str);
            (last == Some("Where is my order?"))
                .then_some(())
                .ok_or_else(|| format!("{seen:#?}"))
        })
        .await;
        self.page.click("filter-webhook").await;
        until("the bot got the event", async || {
            let rows = self.page.timeline().await;
            rows.iter()
                .any(|row| row.title == "message" && row.on_standby() && row.state == "succeeded")
                .then_some(())
                .ok_or_else(|| format!("{rows:#?}"))
        })
        .await;
        self.page.click("filter-call").await;
        self.agent_writes("It comes tomorrow.").await;
        self.stands_and_is_with(PAGE_INBOX).await;
    }

    async fn page_is_reloaded(&mut self) {
        self.page.reload().await;
        self.page.click("filter-call").await;
        self.stands_and_is_with(PAGE_INBOX).await;
    }

    /// The bot handles a thread's events in order: had it something to say to what people said
    /// among themselves, it would be there before this.
    async fn agent_is_done(&mut self) {
        self.page.click("inbox-done").await;
        self.bot_says("I am back. You asked for a person: is that settled?");
        self.stands_and_is_with(BOT).await;
    }

    async fn agent_asks_for_the_thread(&mut self) {
        self.page.click("inbox-folder-done").await;
        self.page.click("inbox-thread").await;
        self.page.click("inbox-request").await;
        self.bot_calls("pass_thread_control");
        self.stands_and_is_with(PAGE_INBOX).await;
        self.page.click("inbox-done").await;
        self.bot_says("I am back. Anything else?");
        self.stands_and_is_with(BOT).await;
    }

    async fn bot_understands_nothing(&mut self) {
        for text in ["Blue", "Green"] {
            self.person_writes(text).await;
            self.bot_says(&format!("You said: {text}"));
            self.stands_and_is_with(BOT).await;
        }
        self.person_writes("Red").await;
        self.bot_says("I did not get that, so I am fetching a colleague.");
        self.bot_calls("pass_thread_control");
        self.stands_and_is_with(PAGE_INBOX).await;
        self.page.click("inbox-folder-main").await;
        self.page.click("inbox-thread").await;
        self.agent_reads("were not understood").await;
    }

    async fn person_writes(&mut self, text: &str) {
        self.page.write("person-input", text, "person-send").await;
        self.said.push(format!("person: {text}"));
    }

    async fn agent_reads(&self, reason: &str) {
        let note = self.page.text("inbox-note").await;
        assert!(note.contains(reason), "{note}");
    }

    async fn agent_writes(&mut self, text: &str) {
        self.page.write("inbox-input", text, "inbox-reply").await;
        self.said.push(format!("page: {text}"));
    }

    fn bot_says(&mut self, text: &str) {
        self.said.push(format!("page: {text}"));
        self.bot_calls("messages");
    }

    fn bot_calls(&mut self, name: &str) {
        self.called.push(format!("{name} succeeded"));
    }

    /// Waits until the page shows what has been said and called, nothing less and nothing more, and
    /// this owner.
    async fn stands_and_is_with(&self, owner: &str) {
        let expected = (self.said.clone(), self.called.clone(), owner.to_owned());
        until("the conversation goes as it should", async || {
            let rows = self.page.timeline().await;
            // The newest is on top.
            let calls = rows.iter().rev().filter(|row| row.kind == "call");
            let called = calls.map(|row| format!("{} {}", row.title, row.state));
            let shown = (
                self.page.on_the_phone().await,
                called.collect(),
                self.page.owner().await,
            );
            (shown == expected)
                .then_some(())
                .ok_or_else(|| format!("{shown:#?}\ninstead of\n{expected:#?}"))
        })
        .await;
    }
}
