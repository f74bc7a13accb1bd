//! A conversation with both bots, against the simulator of the platform.

use handover::testing::Scenario;

use {{crate_name}}::{billing, reception};

#[tokio::test]
async fn a_question_goes_to_the_specialist_and_back() {
    let scenario = Scenario::builder()
        .bot("reception", reception::bot())
        .bot("billing", billing::bot())
        .start()
        .await;
    let ana = scenario.person("Ana");
    ana.says("hello").await;
    ana.sees_in_a_text("This is the reception").await;

    ana.says("where is my invoice?").await;
    ana.sees("That is one for our billing team.").await;
    ana.sees_in_a_text("\"where is my invoice?\"").await;

    ana.says("done").await;
    ana.sees("Glad to help. Back to the reception.").await;
    ana.sees("Reception again. Anything else?").await;
    scenario.bot_owns(&ana).await;
}
