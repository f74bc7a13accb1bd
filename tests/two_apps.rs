//! The example `two_apps`: one bot passes the thread to another, which passes it back.

mod support;

use support::desk_api::DeskApi;

#[tokio::test]
async fn the_thread_goes_to_billing_and_comes_back() {
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
