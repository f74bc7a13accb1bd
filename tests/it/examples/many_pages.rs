use handover::TokenFile;
use handover::testing::Scenario;

use super::transcript;
use crate::support::root;

#[path = "../../../examples/many_pages.rs"]
#[allow(dead_code, reason = "the scenario runs the bot")]
mod example;

pub(crate) async fn played() -> String {
    let accounts = TokenFile::open(root().join("examples/many_pages.json")).unwrap();
    let scenario = Scenario::builder()
        .platform(example::platform)
        .bot("many_pages", example::bot(accounts))
        .start()
        .await;
    let ana = scenario.person("Ana");
    ana.says("hours").await;
    ana.sees_in_a_text("The café is open").await;

    let cleo = scenario.person_on("17841405793187218", "Cleo");
    cleo.says("hours").await;
    cleo.sees_in_a_text("The café is open").await;
    cleo.says("menu").await;
    cleo.sees_in_a_text("the highlights of our profile").await;

    let dan = scenario.person_on(example::BAKERY, "Dan");
    dan.says("hours").await;
    dan.sees_in_a_text("The bakery is open").await;
    dan.says("menu").await;
    dan.sees_in_a_text("pretzels").await;
    transcript::played(&["bot"], &[&ana, &cleo, &dan])
}
