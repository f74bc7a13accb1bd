//! The tour of the page: it comes once, leads through a handover, and can be left.

use crate::support::browser::{play, play_as_a_person};
use crate::support::example::Example;
use crate::support::simulator_page::SimulatorPage;

const NONE: &str = "return document.querySelector('[data-testid=tour]') === null";

#[tokio::test]
async fn the_first_visit_is_led_through_a_handover() {
    let mut bot = Example::start("live_chat", &[]);
    let address = bot.page();
    play_as_a_person("tour", async |client| {
        let page = SimulatorPage::open(client, &address).await;
        page.shows("tour", "You are the customer").await;
        page.picture("tour_1").await;
        page.write("person-input", "Hello", "person-send").await;
        page.shows("tour", "Everything that happened").await;
        page.picture("tour_2").await;
        page.click("tour-next").await;
        page.shows("tour", "Who may write").await;
        page.click("tour-next").await;
        page.shows("tour", "Ask for a human").await;
        page.write("person-input", "agent", "person-send").await;
        page.shows("tour", "Now you are the agent").await;
        page.picture("tour_5").await;
        page.write("inbox-input", "This is Ben.", "inbox-reply")
            .await;
        page.shows("tour", "Give it back").await;
        page.picture("tour_6").await;
        page.click("inbox-done").await;
        page.gives(NONE, true).await;
        page.reload().await;
        page.shows("person-messages", "This is Ben.").await;
        page.gives(NONE, true).await;
    })
    .await;
}

#[tokio::test]
async fn it_can_be_skipped_and_comes_again_when_asked_for() {
    let mut bot = Example::start("live_chat", &[]);
    let address = bot.page();
    play_as_a_person("tour_skipped", async |client| {
        let page = SimulatorPage::open(client, &address).await;
        page.shows("tour", "1 of 6").await;
        page.click("tour-skip").await;
        page.write("person-input", "Hello", "person-send").await;
        page.shows("person-messages", "You said: Hello").await;
        page.gives(NONE, true).await;
        page.reload().await;
        page.shows("owner", "").await;
        page.gives(NONE, true).await;
        page.click("tour-open").await;
        page.shows("tour", "1 of 6").await;
        page.press("\u{e00c}").await;
        page.gives(NONE, true).await;
        page.click("tour-open").await;
        for (width, height) in [(1440, 900), (1024, 768), (400, 800)] {
            page.resize(width, height).await;
            page.gives("return innerWidth", width).await;
            page.gives(
                "const box = document.querySelector('[data-testid=tour]').getBoundingClientRect();
                return box.left >= 0 && box.right <= innerWidth && box.top >= 0 && box.bottom <= innerHeight",
                true,
            )
            .await;
        }
        page.picture("tour_400").await;
    })
    .await;
}

#[tokio::test]
async fn a_browser_that_a_test_drives_is_left_alone() {
    let mut bot = Example::start("live_chat", &[]);
    let address = bot.page();
    play("tour_of_a_test", async |client| {
        let page = SimulatorPage::open(client, &address).await;
        page.click("get-started").await;
        page.shows("person-messages", "Hi!").await;
        page.gives(NONE, true).await;
    })
    .await;
}
