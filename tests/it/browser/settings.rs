//! How the platform is set up.

use handover_sim::SimulatedApp;
use handover_sim::platform::RateLimits;
use serde_json::json;

use crate::support::browser::play;
use crate::support::desk::Desk;
use crate::support::played_bot::{BOT, PAGE, PlayedBot, SHOP, app};

#[tokio::test]
async fn routing_choices_and_toggles_are_switched() {
    let builder = handover_sim::Simulator::builder()
        .page(PAGE, "Kaffeehaus")
        .app(app())
        .app(SimulatedApp::new(SHOP, "Shop"));
    let bot = PlayedBot::on(builder).await;
    let ana = bot.sim.person("Ana");
    play("settings", async |client| {
        let desk = Desk::open(client, &bot.page()).await;
        desk.shows("owner-until", "the next message goes to Bot").await;
        desk.shows("owner-apps", "standby").await;

        desk.click("settings-open").await;
        desk.choose(&format!("default_app-{PAGE}"), SHOP).await;
        desk.shows("owner-until", "the next message goes to Shop").await;
        desk.click(&format!("standby-{PAGE}-{BOT}")).await;
        desk.shows("owner-apps", "standby is off").await;
        desk.click(&format!("routing-zero_config-{PAGE}")).await;
        desk.shows("owner-until", "any app may answer").await;

        desk.choose("choice-app_ids", "strings").await;
        desk.gives("return fetch('/desk/state').then(answer => answer.json()).then(state => state.choices.app_ids)", "strings".to_owned())
            .await;
        desk.click("drawer-close").await;

        ana.says("Hello").await.unwrap();
        assert_eq!(bot.sends(&ana, json!({"text": "Anybody may answer"})).await, Some(200));
        desk.shows("person-messages", "Anybody may answer").await;
    })
    .await;
}

/// Options of lists that do not say in words what they stand for.
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
    const { choices } = await (await fetch('/desk/state')).json();
    const lacking = [];
    for (const name of Object.keys(choices)) {
        const list = document.querySelector(`[data-testid='choice-${name}']`);
        if (!list) lacking.push(name);
        if (!list || typeof choices[name] !== 'string') continue;
        const answer = await fetch('/desk/choices', {
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
        let desk = Desk::open(client, &bot.page()).await;
        desk.click("settings-open").await;
        desk.shows("choices", "Rate limits").await;
        desk.gives(RAW, Vec::<String>::new()).await;
        desk.gives(LACKING, Vec::<String>::new()).await;
        // The platform refused what there cannot be.
        desk.forget_console().await;

        let limits = |limits: RateLimits| serde_json::to_value(limits).unwrap();
        let chosen = "return fetch('/desk/state').then(answer => answer.json()).then(state => state.choices.rate_limits)";
        desk.choose("choice-rate_limits", "documented").await;
        desk.gives(chosen, limits(RateLimits::documented())).await;
        desk.choose("choice-rate_limits", "own").await;
        desk.shows("choices", "Private replies an hour").await;
        desk.gives(RAW, Vec::<String>::new()).await;
        desk.choose("choice-rate_limits", "none").await;
        desk.gives(chosen, limits(RateLimits::default())).await;
        desk.click("drawer-close").await;

        desk.click("faults-open").await;
        for on in ["call", "webhook"] {
            desk.choose("fault-on", on).await;
            desk.gives(RAW, Vec::<String>::new()).await;
        }
        desk.choose("fault-on", "call").await;
        desk.choose("fault-fault", "error").await;
        desk.choose("fault-preset", "Temporary, try again (1200)").await;
        desk.gives(RAW, Vec::<String>::new()).await;
        desk.click("fault-add").await;
        desk.shows("fault-rules", "passing error 1200/2018024").await;
    })
    .await;
}

#[tokio::test]
async fn the_inbox_answers_by_itself_as_set() {
    let bot = PlayedBot::start().await;
    let ana = bot.sim.person("Ana");
    play("automatic", async |client| {
        let desk = Desk::open(client, &bot.page()).await;
        desk.click("settings-open").await;
        desk.fill(&format!("instant_reply-{PAGE}"), "We will be with you soon.\t").await;
        desk.gives("return fetch('/desk/state').then(answer => answer.json()).then(state => state.accounts[0].instant_reply)",
            "We will be with you soon.".to_owned())
            .await;
        desk.click("drawer-close").await;
        ana.says("Hello").await.unwrap();
        desk.shows("person-messages", "We will be with you soon.").await;
        desk.shows("inbox-messages", "Instant reply").await;
    })
    .await;
}
