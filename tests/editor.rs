//! What rust-analyzer completes and documents: each key of each attribute is an item that is imported
//! while it is asking.

#![allow(clippy::unwrap_used, reason = "what goes wrong here fails a test")]
#![allow(
    unexpected_cfgs,
    reason = "`half_typed` is for the test, which checks this file again"
)]

use handover_testkit::cargo::cargo;

/// Every key that can be imported.
#[expect(dead_code, reason = "they are only compiled")]
mod every_key {
    use handover::extract::Context;
    use handover::prelude::*;

    const fn always(_: &Context) -> bool {
        true
    }

    fn is_long(answer: &str) -> bool {
        answer.len() > 100
    }

    #[on_message(
        text = "hi",
        quick_reply = "HI",
        attachment = "image",
        reply_to = "story",
        pace = "burst",
        typing = false,
        object = "page",
        page = "1",
        when = always
    )]
    async fn message() {}

    #[on_message(words = "hi", regex = "^hi")]
    #[handoff(
        to = "page_inbox",
        metadata = "m",
        say = "s",
        reclaim_after = "1h",
        unclaimed_after = "5m",
        when = is_long,
        on = "ok",
    )]
    async fn handed_off() -> &'static str {
        "hi"
    }

    #[on_postback(payload = "A", ref = "r", object = "page", page = "1", when = always)]
    async fn postback() {}

    #[on_referral(ref = "r", object = "page", page = "1", when = always)]
    async fn referral() {}

    #[on_optin(payload = "A", ref = "r", object = "page", page = "1", when = always)]
    async fn optin() {}

    #[on_account_linking(status = "linked", object = "page", page = "1", when = always)]
    async fn account_linking() {}

    #[on_pass_thread_control(from = 1, to = 2, object = "page", page = "1", when = always)]
    async fn pass_thread_control() {}

    #[on_take_thread_control(from = 1, to = 2, by = 3, object = "page", page = "1", when = always)]
    async fn take_thread_control() {}

    #[on_request_thread_control(from = 1, by = 3, object = "page", page = "1", when = always)]
    async fn request_thread_control() {}

    #[on_app_roles(object = "page", page = "1", when = always)]
    async fn app_roles() {}

    #[on_echo(by = 3, object = "page", page = "1", when = always)]
    async fn echo() {}

    #[on_reaction(reaction = "love", action = "react", object = "page", page = "1", when = always)]
    async fn reaction() {}

    #[on_read(object = "page", page = "1", when = always)]
    async fn read() {}

    #[on_delivery(object = "page", page = "1", when = always)]
    async fn delivery() {}

    #[on_message_edit(object = "page", page = "1", when = always)]
    async fn message_edit() {}

    #[on_message_deleted(object = "page", page = "1", when = always)]
    async fn message_deleted() {}

    #[on_feedback(object = "page", page = "1", when = always)]
    async fn feedback() {}

    #[on_policy_enforcement(action = "block", object = "page", page = "1", when = always)]
    async fn policy_enforcement() {}

    #[on_standby(kind = "message", object = "page", page = "1", when = always)]
    async fn standby() {}

    #[on_event(name = "message", object = "page", page = "1", when = always)]
    async fn event() {}

    #[on_timer(name = "soon", object = "page", page = "1", when = always)]
    async fn timer() {}

    #[on_handoff(kind = "returned", object = "page", page = "1", when = always)]
    async fn handed_over() {}

    #[on_handoff_failed(object = "page", page = "1", when = always)]
    async fn handoff_failed() {}

    #[on_send_failed(object = "page", page = "1", when = always)]
    async fn send_failed() {}

    #[on_error(object = "page", page = "1", when = always)]
    async fn error() {}

    #[fallback(object = "page", page = "1", when = always)]
    async fn nothing_else() {}

    struct Helpers;

    impl Helpers {
        #[handoff(to = "page_inbox")]
        async fn in_an_impl() -> &'static str {
            "hi"
        }
    }
}

#[cfg(half_typed)]
mod half_typed {
    #[handover::on_message(te)]
    async fn on_message() {}

    #[handover::handoff(rec)]
    async fn handoff() {}
}

const HALF_TYPED: [&str; 2] = [
    "error: `te` needs a value: `te = …`",
    "error: `rec` needs a value: `rec = …`",
];

#[test]
fn rust_analyzer_is_shown_an_import_of_each_key() {
    let [te, rec] = HALF_TYPED;
    let import = "error[E0432]: unresolved import `self`";
    assert_eq!(
        errors(&["--cfg=half_typed", "--cfg=rust_analyzer"]),
        sorted([te, rec, import, import])
    );
}

#[test]
fn rustc_is_not() {
    assert_eq!(errors(&["--cfg=half_typed"]), sorted(HALF_TYPED));
}

/// What is wrong with this file for a compiler with such flags.
fn errors(flags: &[&str]) -> Vec<String> {
    let checked = cargo()
        .args(["rustc", "--quiet", "--locked", "--profile=check"])
        .args(["--test=editor", "--"])
        .args(flags)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let message = String::from_utf8(checked.stderr).unwrap();
    let errors = message
        .lines()
        .filter(|line| line.starts_with("error") && !line.starts_with("error: could not compile"));
    sorted(errors)
}

fn sorted<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let mut lines: Vec<_> = lines.into_iter().map(str::to_owned).collect();
    lines.sort_unstable();
    lines
}
