use handover::testing::Scenario;

use crate::support::control_api::ControlApi;
use crate::support::directory::Directory;
use crate::support::example::Example;
use super::transcript;

#[path = "../../../examples/two_apps.rs"]
#[allow(dead_code, reason = "the scenario runs the bots")]
mod example;

pub(crate) async fn played() -> String {
    let scenario = Scenario::builder()
        .bot("reception", example::reception::bot())
        .bot("billing", example::billing::bot())
        .start()
        .await;
    let ana = scenario.person("Ana");
    ana.says("Hello").await;
    ana.sees_in_a_text("This is the reception").await;
    ana.says("Where is my invoice?").await;
    ana.sees_in_a_text("Billing here").await;
    ana.says("And the last one?").await;
    ana.sees_in_a_text("on its way").await;
    ana.says("Done").await;
    ana.sees_in_a_text("Reception again").await;
    scenario.bot_owns(&ana).await;
    transcript::played(&["reception", "billing"], &[&ana])
}

#[tokio::test]
async fn on_the_desk_each_bot_knows_the_others_id() {
    let api = ControlApi::start("two_apps").await;
    api.says("hello").await;
    api.wait_for(
        &["This is the reception. Ask me about an \"invoice\" and I will pass you on."],
        "reception",
    )
    .await;
    api.says("Where is my Invoice?").await;
    api.wait_for(
        &[
            "Where is my Invoice?",
            "That is one for our billing team.",
            "Billing here. You wrote: \"Where is my Invoice?\". Say \"done\" when we are through.",
        ],
        "billing",
    )
    .await;
    api.says("and the last one?").await;
    api.wait_for(
        &[
            "and the last one?",
            "Your invoice is on its way. Say \"done\" when we are through.",
        ],
        "billing",
    )
    .await;
    api.says("done").await;
    api.wait_for(
        &[
            "done",
            "Glad to help. Back to the reception.",
            "Reception again. Anything else?",
        ],
        "reception",
    )
    .await;
}

/// What the program prints and says when it is started with these arguments and this variable.
fn asked(arguments: &[&str], variable: (&str, &str)) -> (String, String) {
    let environment = [(variable.0, variable.1.to_owned())];
    let directory = Directory::new();
    let output = Example::run_in(directory.path(), "two_apps", arguments, &environment);
    let printed = String::from_utf8(output.stdout).unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.success(), said.is_empty(), "{said}");
    (printed, said)
}

#[test]
fn in_production_the_first_argument_has_to_be_the_name_of_a_bot() {
    let configured = ("MESSENGER_PAGE_ID", "1744550565845823");
    let (_, said) = asked(&[], configured);
    assert!(said.contains("which bot is to run? say `reception` or `billing`"), "{said}");
    let (_, said) = asked(&["biling"], configured);
    assert!(said.contains("there is no bot `biling`: say `reception` or `billing`"), "{said}");
    let (_, said) = asked(&["billing"], configured);
    assert!(said.contains("MESSENGER_APP_SECRET"), "{said}");
}

#[test]
fn a_file_that_should_hold_the_id_of_the_other_app_is_named() {
    let environment = [
        ("MESSENGER_PAGE_ID", "1744550565845823"),
        ("MESSENGER_ACCESS_TOKEN", "EAAB"),
        ("MESSENGER_APP_ID", "1517776481860111"),
        ("MESSENGER_APP_SECRET", "secret"),
        ("MESSENGER_VERIFY_TOKEN", "word"),
        ("MESSENGER_APP_ID_BILLING_FILE", "/nowhere/billing"),
        ("PORT", "0"),
    ];
    let environment = environment.map(|(name, value)| (name, value.to_owned()));
    let directory = Directory::new();
    let ended = Example::run_in(directory.path(), "two_apps", &["reception"], &environment);
    assert!(!ended.status.success());
    let said = String::from_utf8(ended.stderr).unwrap();
    let problem = "the configuration cannot be read:\n  MESSENGER_APP_ID_BILLING_FILE: /nowhere/billing cannot be read";
    assert!(said.contains(problem), "{said}");
    assert!(!directory.path().join("handover.db").exists());
}

#[test]
fn the_routes_of_all_bots_or_of_the_named_one_are_described() {
    for (format, heading) in [("text", "billing\n"), ("markdown", "## billing\n"), ("mermaid", "%% billing\n")] {
        let (printed, _) = asked(&[], ("HANDOVER_DESCRIBE", format));
        assert!(printed.contains(heading), "{printed}");
        let (printed, _) = asked(&["billing"], ("HANDOVER_DESCRIBE", format));
        assert!(!printed.contains(heading), "{printed}");
    }
    let (printed, _) = asked(&[], ("HANDOVER_DESCRIBE", "json"));
    let both: serde_json::Value = serde_json::from_str(&printed).unwrap();
    for bot in ["reception", "billing"] {
        assert_eq!(both[bot].as_array().unwrap().len(), 3, "{printed}");
        let (printed, _) = asked(&[bot], ("HANDOVER_DESCRIBE", "json"));
        let one: serde_json::Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(one, both[bot]);
    }
    let (_, said) = asked(&[], ("HANDOVER_DESCRIBE", "yaml"));
    assert!(said.contains("text, markdown, mermaid or json"), "{said}");
}
