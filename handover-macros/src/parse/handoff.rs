use proc_macro2::{Span, TokenStream};

use crate::diag::Sink;
use crate::keys::Keys;
use crate::model::{App, Handoff};
use crate::paths::Root;

/// Whom a thread can be handed to by name.
const APPS: &[&str] = &["page_inbox", "instagram_inbox", "default_app", "requester"];

/// The handoff that these keys describe; without `to`, to the account's inbox.
pub(crate) fn parse(keys: TokenStream, sink: &mut Sink) -> Handoff {
    let keys = Keys::parse(keys, "handoff", &["to", "metadata"], sink);
    let to = keys.app("to", APPS, sink);
    Handoff {
        root: Root::new(keys.path("crate", sink).as_ref()),
        to: to.unwrap_or(App::WellKnown("PageInbox", Span::call_site())),
        metadata: keys.expression("metadata").cloned(),
    }
}
