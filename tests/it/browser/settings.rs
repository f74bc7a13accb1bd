//! How the platform is set up.

use handover_sim::SimulatedApp;
use handover_sim::platform::RateLimits;
use serde_json::json;

use crate::support::browser::play;
use crate::support::played_bot::{BOT, PAGE, PlayedBot, SHOP, app};
use crate::support::simulator_page::SimulatorPage;

#[tokio::test]
async fn routing_choices_and_toggles_are_switched() {
    let builder = handover_sim::Simulator::builder()
        .page(PAGE, "Kaffeehaus")
        .app(app())
        .app(SimulatedApp::new(SHOP, "Shop"));
    let bot = PlayedBot::on(builder).await;
    let ana = bot.sim.person("Ana");
    play("settings", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.shows("owner-until", "Next message: Bot").await;
        page.shows("owner-apps", "standby").await;

        page.click("settings-open").await;
        page.choose(&format!("default_app-{PAGE}"), SHOP).await;
        page.shows("owner-until", "Next message: Shop").await;
        page.click(&format!("standby-{PAGE}-{BOT}")).await;
        page.shows("owner-apps", "standby is off").await;
        page.click(&format!("routing-zero_config-{PAGE}")).await;
        page.shows("owner-until", "Any app may answer").await;

        page.choose("behavior-app_ids", "strings").await;
        page.gives("return fetch('/control/state').then(answer => answer.json()).then(state => state.behavior.app_ids)", "strings".to_owned())
            .await;
        page.click("drawer-close").await;

        ana.says("Hello").await.unwrap();
        assert_eq!(bot.sends(&ana, json!({"text": "Anybody may answer"})).await, Some(200));
        page.shows("person-messages", "Anybody may answer").await;
    })
    .await;
}

/// Options of lists whose text is not in words.
const RAW: &str = "return [...document.querySelectorAll('#drawer select')]
    .filter(list => !/^link-app|^default_app|^social|^primary|^fault-app/.test(list.dataset.testid))
    .flatMap(list => [...list.options].map(option => [list.dataset.testid, option.value, option.text]))
    .filter(([, value, text]) => !/[A-Za-z]{2}/.test(text)
        || (text === value && /^[a-z0-9_]*$/.test(text))
        || /^[a-z0-9_]+$|\\[object|undefined|NaN/.test(text))
    .map(each => each.join(': '))";

/// Choices of the platform that have no list, or whose list lacks something, by what it answers to
/// a choice that there cannot be.
const LACKING: &str = "return (async () => {
    const { behavior } = await (await fetch('/control/state')).json();
    const lacking = [];
    for (const name of Object.keys(behavior)) {
        const list = document.querySelector(`[data-testid='behavior-${name}']`);
        if (!list) lacking.push(name);
        if (!list || typeof behavior[name] !== 'string') continue;
        const answer = await fetch('/control/behavior', {
            method: 'PUT', headers: { 'content-type': 'application/json' },
            body: JSON.stringify({ [name]: 'nonsense' }),
        });
        const { error } = await answer.json();
        const all = [...error.matchAll(/`([a-z0-9_]+)`/g)].map(found => found[1]).filter(each => each !== 'nonsense');
        const listed = [...list.options].map(option => option.value);
        if (all.length < 2 || all.sort().join() !== listed.sort().join()) lacking.push(`${name}: ${all}`);
    }
    return lacking;
})()";

#[tokio::test]
async fn every_list_of_the_settings_speaks_in_words() {
    let builder = handover_sim::Simulator::builder()
        .page(PAGE, "Kaffeehaus")
        .app(app())
        .app(SimulatedApp::new(SHOP, "Shop"));
    let bot = PlayedBot::on(builder).await;
    play("words", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.click("settings-open").await;
        page.shows("behavior", "Rate limits").await;
        page.gives(RAW, Vec::<String>::new()).await;
        page.gives(LACKING, Vec::<String>::new()).await;
        // The platform refused what there cannot be.
        page.forget_console().await;

        let limits = |limits: RateLimits| serde_json::to_value(limits).unwrap();
        let chosen = "return fetch('/control/state').then(answer => answer.json()).then(state => state.behavior.rate_limits)";
        page.choose("behavior-rate_limits", "documented").await;
        page.gives(chosen, limits(RateLimits::documented())).await;
        page.choose("behavior-rate_limits", "own").await;
        page.shows("behavior", "Private replies an hour").await;
        page.gives(RAW, Vec::<String>::new()).await;
        page.choose("behavior-rate_limits", "none").await;
        page.gives(chosen, limits(RateLimits::default())).await;
        page.click("drawer-close").await;

        page.click("faults-open").await;
        for on in ["call", "webhook"] {
            page.choose("fault-on", on).await;
            page.gives(RAW, Vec::<String>::new()).await;
        }
        page.choose("fault-on", "call").await;
        page.choose("fault-fault", "error").await;
        page.choose("fault-preset", "Temporary, try again (1200)").await;
        page.gives(RAW, Vec::<String>::new()).await;
        page.click("fault-add").await;
        page.shows("fault-rules", "passing error 1200/2018024").await;
    })
    .await;
}

#[tokio::test]
async fn the_inbox_answers_by_itself_as_set() {
    let bot = PlayedBot::start().await;
    let ana = bot.sim.person("Ana");
    play("automatic", async |client| {
        let page = SimulatorPage::open(client, &bot.page()).await;
        page.click("settings-open").await;
        page.fill(&format!("instant_reply-{PAGE}"), "We will be with you soon.\t").await;
        page.gives("return fetch('/control/state').then(answer => answer.json()).then(state => state.accounts[0].instant_reply)",
            "We will be with you soon.".to_owned())
            .await;
        page.click("drawer-close").await;
        ana.says("Hello").await.unwrap();
        page.shows("person-messages", "We will be with you soon.").await;
        page.shows("inbox-messages", "Instant reply").await;
    })
    .await;
}
