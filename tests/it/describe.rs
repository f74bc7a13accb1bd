//! The routing table as text, Markdown and Mermaid.

use handover::prelude::*;
use handover::{Target, TargetApp};

/// The lines on which attributes stand are left out, for they are nothing that a test is about.
fn without_lines(text: &str) -> String {
    let mut parts = text.split("describe.rs:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| {
        let rest = part.trim_start_matches(|c: char| c.is_ascii_digit());
        whole + "describe.rs:_" + rest
    })
}

mod small_bot {
    use super::*;

    struct Billing;

    impl Target for Billing {
        const APP: TargetApp = TargetApp::Named("billing");
    }

    /// Nobody understood.
    #[fallback]
    #[handoff]
    async fn lost() {}

    /// Asks what it
    /// should be.
    ///
    /// The rest is for readers of the code.
    #[on_message(text = ["order", "buy"])]
    async fn order() {}

    #[on_message(regex = "refund")]
    #[handoff(to = Billing)]
    async fn refund() {}

    #[on_pass_thread_control(from = "page_inbox")]
    async fn back() {}

    #[on_message(text = "agent")]
    #[handoff(to = "page_inbox")]
    async fn agent() {}

    fn bot() -> Bot {
        Bot::new(routes![lost, order, refund].routes(routes![back, agent]))
    }

    #[test]
    fn as_text_its_columns_are_aligned() {
        let text = bot().describe().to_string();
        assert_eq!(
            without_lines(&text),
            "\
#  handler                      waits for                                 hands off to   where                    what it does
1  describe::small_bot::order   on_message(text = \"order\" | \"buy\")                       tests/it/describe.rs:_  Asks what it should be.
2  describe::small_bot::refund  on_message(regex = \"refund\")              app `billing`  tests/it/describe.rs:_
3  describe::small_bot::back    on_pass_thread_control(from = the inbox)                 tests/it/describe.rs:_
4  describe::small_bot::agent   on_message(text = \"agent\")                the inbox      tests/it/describe.rs:_
5  describe::small_bot::lost    fallback                                  the inbox      tests/it/describe.rs:_  Nobody understood."
        );
    }

    #[test]
    fn as_markdown_it_is_a_table() {
        assert_eq!(
            without_lines(&bot().describe().markdown()),
            r#"| # | handler | waits for | hands off to | where | what it does |
|---|---|---|---|---|---|
| 1 | `describe::small_bot::order` | `on_message(text = "order" \| "buy")` |  | `tests/it/describe.rs:_` | Asks what it should be. |
| 2 | `describe::small_bot::refund` | `on_message(regex = "refund")` | app &#96;billing&#96; | `tests/it/describe.rs:_` |  |
| 3 | `describe::small_bot::back` | `on_pass_thread_control(from = the inbox)` |  | `tests/it/describe.rs:_` |  |
| 4 | `describe::small_bot::agent` | `on_message(text = "agent")` | the inbox | `tests/it/describe.rs:_` |  |
| 5 | `describe::small_bot::lost` | `fallback` | the inbox | `tests/it/describe.rs:_` | Nobody understood. |"#
        );
    }

    #[test]
    fn as_mermaid_it_is_the_way_of_an_event() {
        assert_eq!(
            bot().describe().mermaid(),
            r#"flowchart TD
    event(["an event"]) --> r1
    r1{{"on_message(text = #34;order#34; #124; #34;buy#34;)"}} -->|takes it| h1["describe#58;#58;small_bot#58;#58;order<br/>Asks what it should be#46;"]
    r1 -.->|otherwise| r2
    r2{{"on_message(regex = #34;refund#34;)"}} -->|takes it| h2["describe#58;#58;small_bot#58;#58;refund"]
    r2 -.->|otherwise| r3
    h2 ==>|hands off to| t1
    r3{{"on_pass_thread_control(from = the inbox)"}} -->|takes it| h3["describe#58;#58;small_bot#58;#58;back"]
    r3 -.->|otherwise| r4
    r4{{"on_message(text = #34;agent#34;)"}} -->|takes it| h4["describe#58;#58;small_bot#58;#58;agent"]
    r4 -.->|otherwise| r5
    h4 ==>|hands off to| t2
    r5{{"fallback"}} -->|takes it| h5["describe#58;#58;small_bot#58;#58;lost<br/>Nobody understood#46;"]
    r5 -.->|otherwise| nobody
    h5 ==>|hands off to| t2
    nobody(["no handler"])
    t1(["app #96;billing#96;"])
    t2(["the inbox"])"#
        );
    }

    #[test]
    fn every_handler_is_said_to_stand_where_it_does() {
        let text = bot().describe().to_string();
        let source: Vec<_> = include_str!("describe.rs").lines().collect();
        let said = |handler: &str| {
            let row = text.lines().find(|row| row.contains(handler));
            let line = row.and_then(|row| row.split("describe.rs:").nth(1));
            let line = line.and_then(|line| line.split(' ').next());
            let line: Option<usize> = line.and_then(|line| line.parse().ok());
            line.and_then(|line| source.get(line - 1).copied())
        };
        assert_eq!(said("::lost"), Some("    #[fallback]"));
        assert_eq!(said("::agent"), Some("    #[on_message(text = \"agent\")]"));
    }
}

#[test]
fn a_bot_without_routes_takes_nothing() {
    let nothing = Bot::new(Routes::default()).describe();
    assert_eq!(
        nothing.to_string(),
        "#  handler  waits for  hands off to  where  what it does"
    );
    assert_eq!(
        nothing.markdown(),
        "| # | handler | waits for | hands off to | where | what it does |\n|---|---|---|---|---|---|"
    );
    assert_eq!(
        nothing.mermaid(),
        "flowchart TD\n    event([\"an event\"]) --> nobody\n    nobody([\"no handler\"])"
    );
}

/// Texts that mean something in one of the three languages.
mod hostile {
    use super::*;

    struct Odd;

    impl Target for Odd {
        const APP: TargetApp = TargetApp::Named("a\"]\n--> b|`c`");
    }

    /// \| and | and `x | y` "end" [link](x) <b> %%{init}%% #35; __日本__ snake_case
    #[on_message(text = ["`a` | b", r"\|", "\"]\n\u{202e}"])]
    #[handoff(to = Odd)]
    async fn r#type() {}

    #[on_message(text = r"back\slash|pipe")]
    pub(super) async fn pipe() {}

    fn lines(text: &str) -> Vec<&str> {
        text.lines().collect()
    }

    #[test]
    fn text_keeps_one_line_per_route() {
        let text = Bot::new(routes![r#type, pipe]).describe().to_string();
        assert_eq!(lines(&text).len(), 3, "{text}");
        for part in [
            r#"on_message(text = "`a` | b" | "\\|" | "\"]\n\u{202e}")"#,
            r#"app `a"] --> b|`c``"#,
            r#"  \| and | and `x | y` "end" [link](x) <b> %%{init}%% #35; __日本__ snake_case"#,
        ] {
            assert!(text.contains(part), "{text}");
        }
    }

    #[test]
    fn markdown_keeps_its_cells() {
        let markdown = Bot::new(routes![r#type, pipe]).describe().markdown();
        let markdown = without_lines(&markdown);
        assert_eq!(
            lines(&markdown)[2..],
            [
                concat!(
                    r#"| 1 | `describe::hostile::type` "#,
                    r#"| <code>on&#95;message&#40;text &#61; &#34;&#96;a&#96; &#124; b&#34; &#124; "#,
                    r#"&#34;&#92;&#92;&#124;&#34; &#124; "#,
                    r#"&#34;&#92;&#34;&#93;&#92;n&#92;u&#123;202e&#125;&#34;&#41;</code> "#,
                    r#"| app &#96;a&#34;&#93; &#45;&#45;&#62; b&#124;&#96;c&#96;&#96; "#,
                    r#"| `tests/it/describe.rs:_` "#,
                    r#"| \| and \| and `x \| y` "end" [link](x) <b> %%{init}%% #35; __日本__ snake_case |"#,
                ),
                r#"| 2 | `describe::hostile::pipe` | `on_message(text = "back\\slash\|pipe")` |  | `tests/it/describe.rs:_` |  |"#,
            ]
        );
    }

    #[test]
    fn mermaid_keeps_its_labels() {
        let mermaid = Bot::new(routes![r#type]).describe().mermaid();
        assert_eq!(
            lines(&mermaid)[2..],
            [
                concat!(
                    r#"    r1{{"on_message(text = #34;#96;a#96; #124; b#34; #124; #34;#92;#92;#124;#34; #124; "#,
                    r##"#34;#92;#34;#93;#92;n#92;u#123;202e#125;#34;)"}} -->|takes it| "##,
                    r##"h1["describe#58;#58;hostile#58;#58;type<br/>#92;#124; and #124; and #96;x #124; y#96; "##,
                    r##"#34;end#34; #91;link#93;(x) #60;b#62; #37;#37;#123;init#125;#37;#37; "##,
                    r##"#35;35#59; #95;#95;日本#95;#95; snake_case"]"##,
                ),
                "    r1 -.->|otherwise| nobody",
                "    h1 ==>|hands off to| t1",
                r#"    nobody(["no handler"])"#,
                r##"    t1(["app #96;a#34;#93; #45;#45;#62; b#124;#96;c#96;#96;"])"##,
            ]
        );
    }
}

/// In a separate program, because it ends the process.
#[test]
fn a_bot_that_becomes_a_router_prints_its_routes_too() {
    const ALONE: &str = "MADE_INTO_A_ROUTER";
    if std::env::var_os(ALONE).is_some() {
        let router = Bot::new(routes![hostile::pipe]).into_parts();
        panic!("the program goes on: {router:?}");
    }
    let this = std::env::current_exe().unwrap();
    let mut program = std::process::Command::new(this);
    program.args([
        "--exact",
        "describe::a_bot_that_becomes_a_router_prints_its_routes_too",
    ]);
    program.envs([(ALONE, "1"), ("HANDOVER_DESCRIBE", "json")]);
    let output = program.output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{printed}");
    assert!(
        printed.contains("\"handler\":\"describe::hostile::pipe\""),
        "{printed}"
    );
}
