use handover::testing::{Person, Scenario};

use super::transcript;

#[path = "../../../examples/order_form.rs"]
#[allow(dead_code, reason = "the scenario runs the bot")]
mod example;

async fn sees_the_cakes(person: &Person) {
    person
        .sees_something("the cakes", |message| message.attachment.is_some())
        .await;
}

/// Buttons make a text a template.
async fn sees_the_order(person: &Person) {
    person
        .sees_something("the order", |message| {
            let buttons = message.buttons();
            buttons.iter().any(|button| button.title == "Order it")
        })
        .await;
}

pub(crate) async fn played() -> String {
    let scenario = Scenario::with(example::bot()).await;
    let ana = scenario.person("Ana");
    ana.taps_get_started().await;
    sees_the_cakes(&ana).await;
    ana.taps_button("Sachertorte, please").await;
    ana.sees("How large shall it be?").await;
    ana.says("Is there a huge one?").await;
    ana.sees("How large shall it be?").await;
    ana.taps_quick_reply("Large").await;
    ana.sees("What shall we write on it?").await;
    ana.says("Happy birthday, Mum!").await;
    sees_the_order(&ana).await;
    ana.taps_button("Order it").await;
    ana.sees("Thank you! It is ready tomorrow.").await;
    transcript::played(&["bot"], &[&ana])
}

#[tokio::test]
async fn buttons_of_an_order_that_is_gone_ask_for_what_is_missing() {
    let scenario = Scenario::with(example::bot()).await;
    let ana = scenario.person("Ana");
    ana.taps_get_started().await;
    sees_the_cakes(&ana).await;
    ana.taps_button("Strudel, please").await;
    ana.sees("How large shall it be?").await;
    ana.taps_quick_reply("Small").await;
    ana.sees("What shall we write on it?").await;
    ana.says("Congratulations").await;
    sees_the_order(&ana).await;
    ana.taps_button("Start again").await;
    sees_the_cakes(&ana).await;
    ana.taps_button("Order it").await;
    sees_the_cakes(&ana).await;
}
