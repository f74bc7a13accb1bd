use handover::stage::Stage;

use crate::support::desk_api::DeskApi;
use crate::transcript;

#[path = "../../examples/two_apps.rs"]
#[allow(dead_code, reason = "the stage runs the bots")]
mod example;

pub(crate) async fn played() -> String {
    let stage = Stage::builder()
        .bot("reception", example::reception::bot())
        .bot("billing", example::billing::bot())
        .start()
        .await;
    let ana = stage.person("Ana");
    ana.says("Hello").await;
    ana.sees_in_a_text("This is the reception").await;
    ana.says("Where is my invoice?").await;
    ana.sees_in_a_text("Billing here").await;
    ana.says("And the last one?").await;
    ana.sees_in_a_text("on its way").await;
    ana.says("Done").await;
    ana.sees_in_a_text("Reception again").await;
    stage.bot_owns(&ana).await;
    transcript::played(&["reception", "billing"], &[&ana])
}

#[tokio::test]
async fn on_the_desk_each_bot_knows_the_others_id() {
    let desk = DeskApi::start("two_apps").await;
    desk.says("hello").await;
    desk.wait_for(
        &["This is the reception. Ask me about an \"invoice\" and I will pass you on."],
        "reception",
    )
    .await;
    desk.says("Where is my Invoice?").await;
    desk.wait_for(
        &[
            "Where is my Invoice?",
            "That is one for our billing team.",
            "Billing here. You wrote: \"Where is my Invoice?\". Say \"done\" when we are through.",
        ],
        "billing",
    )
    .await;
    desk.says("and the last one?").await;
    desk.wait_for(
        &[
            "and the last one?",
            "Your invoice is on its way. Say \"done\" when we are through.",
        ],
        "billing",
    )
    .await;
    desk.says("done").await;
    desk.wait_for(
        &[
            "done",
            "Glad to help. Back to the reception.",
            "Reception again. Anything else?",
        ],
        "reception",
    )
    .await;
}
