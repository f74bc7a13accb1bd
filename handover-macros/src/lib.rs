//! The attributes of `handover`. Use them through the crate `handover`, where they are documented.
//!
//! Every attribute goes the same way: `item` splits the function into its head and its untouched
//! body, `parse` reads head and keys into the `model`, `check` looks for what a handler must
//! not be, `expand` writes the companion. Mistakes are collected in a `diag::Sink`, so one
//! build reports all of them, and the function itself is always given back.

mod attribute;
mod check;
mod diag;
#[cfg(test)]
mod event_names;
mod expand;
#[cfg(any(test, fuzzing))]
mod fuzz;
#[cfg(test)]
mod guide;
mod ide;
mod item;
mod keys;
mod model;
mod parse;
mod paths;
#[cfg(test)]
mod snapshots;
mod types;
mod unnamed;

use proc_macro::TokenStream;

macro_rules! triggers {
    ($($name:ident => $trigger:ident;)*) => {$(
        #[allow(missing_docs, reason = "documented where `handover` re-exports it")]
        #[proc_macro_attribute]
        pub fn $name(keys: TokenStream, item: TokenStream) -> TokenStream {
            attribute::on(model::TriggerName::$trigger, keys.into(), item.into()).into()
        }
    )*};
}

triggers! {
    on_message => Message;
    on_postback => Postback;
    on_referral => Referral;
    on_optin => Optin;
    on_account_linking => AccountLinking;
    on_pass_thread_control => PassThreadControl;
    on_take_thread_control => TakeThreadControl;
    on_request_thread_control => RequestThreadControl;
    on_app_roles => AppRoles;
    on_echo => Echo;
    on_reaction => Reaction;
    on_read => Read;
    on_delivery => Delivery;
    on_message_edit => MessageEdit;
    on_message_deleted => MessageDeleted;
    on_feedback => Feedback;
    on_policy_enforcement => PolicyEnforcement;
    on_standby => Standby;
    on_event => Event;
    on_timer => Timer;
    on_handoff => Handoff;
    on_handoff_failed => HandoffFailed;
    on_send_failed => SendFailed;
    on_signal => Signal;
    on_error => Error;
    fallback => Fallback;
}

#[allow(missing_docs, reason = "documented where `handover` re-exports it")]
#[proc_macro_attribute]
pub fn handoff(keys: TokenStream, item: TokenStream) -> TokenStream {
    attribute::handoff(keys.into(), item.into()).into()
}

/// `$crate; a, b::c`: what the `macro_rules!` shim `handover::routes!` passes on.
#[proc_macro]
pub fn routes(list: TokenStream) -> TokenStream {
    let expand = |list| parse::whole(list, expand::routes::expand);
    if unnamed::were_met() {
        return unnamed::no_list(list.into(), expand).into();
    }
    expand(list.into()).into()
}

macro_rules! derives {
    ($($function:ident => $derive:ident by $stage:ident;)*) => {$(
        #[allow(missing_docs, reason = "documented where `handover` re-exports it")]
        #[proc_macro_derive($derive, attributes(handover))]
        pub fn $function(item: TokenStream) -> TokenStream {
            parse::whole(item.into(), expand::$stage::expand).into()
        }
    )*};
}

derives! {
    derive_bot_state => BotState by state;
    derive_from_payload => FromPayload by payload;
    derive_signal => Signal by signal;
}
