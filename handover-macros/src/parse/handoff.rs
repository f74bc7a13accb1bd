use proc_macro2::{Span, TokenStream};
use syn::LitStr;

use crate::diag::{Sink, error_at};
use crate::item::Head;
use crate::keys::Keys;
use crate::model::{App, Handoff};
use crate::parse::duration;
use crate::paths::Root;

pub(crate) const KEYS: &[&str] = &[
    "to",
    "metadata",
    "say",
    "reclaim_after",
    "unclaimed_after",
    "idle_after",
    "when",
    "on",
];
/// Whom a thread can be handed to by name.
const APPS: &[&str] = &["page_inbox", "instagram_inbox", "default_app", "requester"];

/// The handoff that these keys describe; without `to`, to the account's inbox.
pub(crate) fn parse(keys: TokenStream, _head: &Head, sink: &mut Sink) -> Handoff {
    let keys = Keys::parse(keys, "handoff", KEYS, sink);
    let to = keys.app("to", APPS, sink);
    let on = keys.string("on", sink);
    let on_error = match on.as_ref().map(LitStr::value).as_deref() {
        Some("error") => true,
        None | Some("ok") => false,
        Some(other) => {
            sink.push(error_at!(&on, "`on` is \"ok\" or \"error\", not {other:?}"));
            false
        }
    };
    let mut time = |key| {
        let time = keys.string(key, sink)?;
        sink.keep(duration::seconds(&time))
    };
    let reclaim_after = time("reclaim_after");
    let unclaimed_after = time("unclaimed_after");
    let idle_after = time("idle_after");
    if let (true, Some(when)) = (on_error, keys.expression("when")) {
        sink.push(error_at!(
            when,
            "`when` asks about the handler's answer, and with `on = \"error\"` there is none"
        ));
    }
    Handoff {
        root: Root::new(keys.path("crate", sink).as_ref()),
        to: to.unwrap_or(App::WellKnown("PageInbox", Span::call_site())),
        metadata: keys.expression("metadata").cloned(),
        say: keys.expression("say").cloned(),
        when: keys.path("when", sink),
        reclaim_after,
        unclaimed_after,
        idle_after,
        on_error,
    }
}
