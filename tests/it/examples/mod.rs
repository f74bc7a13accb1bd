//! Each example of `examples/` plays the transcript in its header. The scenario of an example is in
//! the file of its name.

mod transcript;

/// For each example its scenario, and the test that its header tells what is played there.
macro_rules! examples {
    ($($name:ident)*) => {
        const EXAMPLES: &[&str] = &[$(stringify!($name)),*];

        $(
            mod $name;

            #[tokio::test]
            async fn $name() {
                let told = transcript::told(include_str!(concat!(
                    "../../../examples/",
                    stringify!($name),
                    ".rs"
                )));
                assert_eq!(told, $name::played().await);
            }
        )*
    };
}

examples! {
    agency
    embed_in_axum
    fallback_after_two
    instagram
    live_chat
    llm_with_handoff
    many_pages
    minimal
    order_form
    request_control
    shop
    standby_observer
    two_apps
}

mod simulation;
