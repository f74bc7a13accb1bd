//! Each example of `examples/` plays the transcript in its header. The scenario of an example is in
//! the file of its name.

mod transcript;

/// For each example its scenario, and the test that its header tells what is played there.
macro_rules! examples {
    ($($name:ident $([$file:literal])?)*) => {
        const EXAMPLES: &[&str] = &[$(stringify!($name)),*];

        $(
            mod $name;

            #[tokio::test]
            async fn $name() {
                let file = [$($file,)? concat!(stringify!($name), ".rs")][0];
                let path = crate::support::root().join("examples").join(file);
                let expected = transcript::expected(&std::fs::read_to_string(path).unwrap());
                assert_eq!(expected, $name::played().await);
            }
        )*
    };
}

examples! {
    agency
    embed_in_axum
    fallback_after_two
    instagram
    language_model ["language_model/main.rs"]
    live_chat
    many_pages
    minimal
    order_form
    request_control
    shop
    standby_observer
    two_apps
}

mod simulation;
