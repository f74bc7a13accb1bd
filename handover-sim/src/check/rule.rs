//! The rules of `docs/simulator/rules.md`, and which of them a difference contradicts.

use std::sync::OnceLock;

use handover_protocol::AppId;
use serde::Serialize;

use super::compare::{Aspect, Mismatch};
use crate::platform::{Product, Routing};

/// The rows of `docs/simulator/rules.md`: id, setting, text. A test compares them.
const TABLE: &str = include_str!("rules.txt");

/// A rule of `docs/simulator/rules.md`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct PlatformRule {
    /// Its id: the name of its test.
    pub id: &'static str,
    /// The setting of [`Behavior`](crate::platform::Behavior) that selects it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub setting: Option<&'static str>,
    /// What it says.
    pub text: &'static str,
}

impl PlatformRule {
    /// All rules, in the order of the table.
    pub fn all() -> &'static [Self] {
        static RULES: OnceLock<Vec<PlatformRule>> = OnceLock::new();
        RULES.get_or_init(|| TABLE.lines().filter_map(row).collect())
    }

    /// The rule with this id.
    pub fn with_id(id: &str) -> Option<Self> {
        Self::all().iter().find(|rule| rule.id == id).copied()
    }

    /// The rule that holds by default where this setting selects one.
    pub(super) fn default_of(setting: &str) -> Option<Self> {
        let mut rules = Self::all().iter();
        rules.find(|rule| rule.setting == Some(setting)).copied()
    }
}

fn row(line: &'static str) -> Option<PlatformRule> {
    let (id, rest) = line.split_once('\t')?;
    let (setting, text) = rest.split_once('\t')?;
    Some(PlatformRule {
        id,
        setting: (!setting.is_empty()).then_some(setting),
        text,
    })
}

/// The situation in which an item came.
pub(super) struct ItemContext<'a> {
    pub(super) kind: &'a str,
    pub(super) product: Product,
    pub(super) routing: &'a Routing,
    /// The owner by the rules.
    pub(super) owner: Option<AppId>,
    pub(super) bot: &'a AppId,
    /// Whether it is the echo of a message that passes control.
    pub(super) is_of_a_pass: bool,
    /// Whether it is of a message that was deleted.
    pub(super) is_deletion: bool,
    /// Whether the item names no previous owner.
    pub(super) is_from_idle: bool,
}

/// Returns the id of the rule that an item contradicts.
pub(super) fn of_item(context: &ItemContext<'_>, mismatch: &Mismatch) -> &'static str {
    match mismatch.aspect {
        Aspect::Channel => of_channel(context),
        Aspect::UnexpectedEvent => of_unexpected(context),
        Aspect::MissingEvent => of_missing(context),
        Aspect::Order => of_order(context),
        _ => of_content(context, &mismatch.path),
    }
}

const MESSAGES: &str = "the_owner_has_messages_on_messaging_and_the_others_on_standby";
const INSTAGRAM: &str = "every_app_has_an_instagram_threads_events_on_messaging";
const EDITS: &str = "each_new_message_on_instagram_brings_an_edit";
const TAKES: &str = "taking_notifies_only_the_previous_owner";
const TAKES_IDLE: &str = "taking_an_idle_thread_sends_no_event";
const PASSING_ECHO: &str = "the_echo_of_a_message_that_passes_control_comes_on_standby";
const HANDOVER_CHANNEL: &str = "a_handover_goes_to_messaging_also_of_an_app_without_standby";

fn is_handover(kind: &str) -> bool {
    kind.ends_with("_thread_control")
}

fn of_channel(context: &ItemContext<'_>) -> &'static str {
    let owned_by_inbox = context.owner.as_ref() == Some(&context.product.inbox());
    match context.kind {
        "app_roles" => "app_roles_has_no_sender_and_goes_to_messaging",
        kind if is_handover(kind) => HANDOVER_CHANNEL,
        "echo" if context.is_of_a_pass => PASSING_ECHO,
        "referral" => "referrals_are_not_for_standby",
        _ if context.product == Product::Instagram => INSTAGRAM,
        _ if *context.routing == Routing::ZeroConfig => {
            "everybody_gets_messaging_also_of_a_claimed_thread"
        }
        _ if context.owner.is_none() => "the_default_app_has_an_idle_threads_events_on_messaging",
        _ if owned_by_inbox => "a_thread_with_the_inbox_leaves_every_app_on_standby",
        "delivery" => "deliveries_go_the_same_ways_as_messages",
        "read" => "reads_go_the_same_ways_as_messages",
        "reaction" | "message_edit" => "reactions_and_edits_go_the_same_ways_as_messages",
        "echo" => "echoes_go_to_every_app_and_to_the_sender_itself",
        _ => MESSAGES,
    }
}

fn of_unexpected(context: &ItemContext<'_>) -> &'static str {
    match context.kind {
        "take_thread_control" if context.is_from_idle => TAKES_IDLE,
        "take_thread_control" => TAKES,
        "pass_thread_control" => "the_owner_passes_to_any_connected_app_which_gets_an_event",
        "request_thread_control" => "a_request_for_an_owned_thread_only_reaches_the_owner",
        "referral" => "referrals_are_not_for_standby",
        "message_edit" if context.product == Product::Instagram => EDITS,
        "delivery" if context.product == Product::Instagram => "instagram_reports_no_deliveries",
        "message" if context.is_deletion => "messenger_does_not_report_deletions",
        "echo" if context.is_deletion => "messenger_does_not_report_deletions",
        _ => "an_app_gets_an_event_only_if_the_app_names_its_field",
    }
}

fn of_missing(context: &ItemContext<'_>) -> &'static str {
    match context.kind {
        "message" | "message_edit" if context.product == Product::Instagram => EDITS,
        "message_edit" => "reactions_and_edits_go_the_same_ways_as_messages",
        "take_thread_control" => TAKES,
        "pass_thread_control" => "the_owner_passes_to_any_connected_app_which_gets_an_event",
        "request_thread_control" => "a_request_for_an_owned_thread_only_reaches_the_owner",
        "echo" if context.is_of_a_pass => PASSING_ECHO,
        "echo" => "echoes_go_to_every_app_and_to_the_sender_itself",
        _ => MESSAGES,
    }
}

fn of_order(context: &ItemContext<'_>) -> &'static str {
    match context.kind {
        "message_edit" => EDITS,
        "echo" | "pass_thread_control" | "take_thread_control" => PASSING_ECHO,
        _ => "batching_loses_nothing_and_reaches_no_other_app",
    }
}

fn of_content(context: &ItemContext<'_>, path: &str) -> &'static str {
    let last = path.rsplit('.').next().unwrap_or_default();
    let in_attachment = path.contains("attachments[");
    match (context.kind, last) {
        (_, "hop_context") => {
            "at_its_end_the_ads_app_gets_the_thread_with_a_hop_context_beside_the_event"
        }
        ("app_roles", _) => "app_roles_has_no_sender_and_goes_to_messaging",
        (kind, "metadata") if is_handover(kind) => "metadata_that_nobody_gave_is_absent",
        ("pass_thread_control", "previous_owner_app_id") if context.is_from_idle => {
            "the_previous_owner_of_an_idle_thread_is_null"
        }
        (kind, last) if is_handover(kind) && last.ends_with("_app_id") => "app_ids_are_numbers",
        (kind, _) if is_handover(kind) => "a_handover_is_by_the_person_to_the_account",
        ("echo", _) if in_attachment && context.product == Product::Instagram => {
            "echoes_of_instagram_have_templates_below_the_name_of_their_kind"
        }
        ("echo", _) if in_attachment => "the_echo_shows_every_picture",
        ("echo", "app_id") if context.product == Product::Instagram => {
            "echoes_of_instagram_name_no_app"
        }
        ("echo", "app_id") => "echoes_go_to_every_app_and_to_the_sender_itself",
        ("echo", "ai_generated" | "metadata") => {
            "echoes_of_a_page_name_the_inbox_but_not_the_native_app"
        }
        ("echo", _) => "echoes_go_to_every_app_and_to_the_sender_itself",
        ("postback", "payload") if context.owner.as_ref() == Some(context.bot) => {
            "a_buttons_payload_goes_to_the_app_that_sent_it_whichever_app_owns_the_thread"
        }
        ("postback", _) => {
            "a_tap_on_the_owners_button_is_whole_to_it_and_has_no_payload_on_standby"
        }
        ("message", "quick_reply" | "payload") => "a_quick_reply_is_a_message_with_its_payload",
        ("message", "reply_to" | "is_self_reply") => "a_reply_names_the_message_it_answers",
        ("message", "story") => "a_reply_to_a_story_names_the_story",
        ("message", _) if in_attachment => "every_kind_of_attachment_of_a_product_has_its_shape",
        ("message_edit", _) if context.product == Product::Instagram => EDITS,
        ("message_edit", _) => "a_person_edits_a_text_five_times_at_most",
        ("read", _) if context.product == Product::Instagram => {
            "instagram_names_the_message_that_was_read"
        }
        ("read", _) => "a_read_event_is_sent_once_and_opens_no_window",
        ("delivery", _) => "deliveries_go_the_same_ways_as_messages",
        ("reaction", _) => "a_reaction_has_a_name_an_emoji_and_its_message",
        ("referral", _) => "a_link_into_an_idle_thread_routes_it_at_once_and_notifies_its_app",
        _ => "a_message_has_the_platforms_shape",
    }
}

/// Code and subcode of an error of the Graph API; none: success.
pub(super) type AnswerCode = Option<(i64, Option<i64>)>;

/// Returns the id of the rule that an answer contradicts.
pub(super) fn of_answer(
    edge: &str,
    product: Product,
    routing: &Routing,
    expected: AnswerCode,
    found: AnswerCode,
) -> &'static str {
    let instagram = product == Product::Instagram;
    let codes = [expected, found].into_iter().flatten();
    for (code, subcode) in codes {
        let rule = match (code, subcode) {
            (4 | 17 | 32 | 613 | 80_000..=80_014, None | Some(2_534_040)) => {
                "nothing_is_limited_unless_chosen"
            }
            (_, Some(2_018_354)) => {
                "marketing_messages_are_a_day_apart_and_their_leave_ends_after_a_year"
            }
            (_, Some(2_018_321)) => "while_a_lead_ad_asks_nobody_may_send_or_take",
            (_, Some(2_018_234)) => "the_primary_receiver_sees_the_secondary_ones",
            (_, Some(2_018_164)) => "a_pass_is_refused_to_others_to_oneself_and_to_unknown_apps",
            (_, Some(2_018_300 | 2_534_037 | 2_018_001 | 2_534_014)) => {
                "each_product_has_its_own_words_for_others_than_the_owner_and_for_strangers"
            }
            (_, Some(2_018_278 | 2_534_022)) => {
                "each_product_has_its_own_words_for_a_closed_window"
            }
            (_, Some(2_018_008)) => "addresses_are_taken_as_they_are_if_they_are_some",
            (_, Some(2_018_047 | 2_018_074)) => "reusable_attachments_are_sent_again_by_their_id",
            (_, Some(2_018_014)) => "a_message_and_an_action_do_not_go_together",
            (_, Some(1_545_041)) => "nobody_writes_to_a_person_who_is_blocked",
            (10_900, _) => "a_comment_is_answered_in_private_once_and_within_seven_days",
            _ => continue,
        };
        return rule;
    }
    let legacy = matches!(routing, Routing::Legacy { .. });
    match edge {
        "pass_thread_control" => "a_pass_is_refused_to_others_to_oneself_and_to_unknown_apps",
        "take_thread_control" if legacy => "a_secondary_receiver_takes_only_what_nobody_owns",
        "take_thread_control" => "taking_needs_conversation_routing_the_switch_and_another_owner",
        "request_thread_control" if legacy => "the_primary_receiver_has_nobody_to_ask",
        "request_thread_control" => {
            "requests_are_refused_with_conversation_routing_and_to_the_owner"
        }
        "release_thread_control" => "only_the_owner_releases_and_no_event_is_sent",
        "extend_thread_control" => "only_the_owner_extends_up_to_seven_days_from_now",
        "thread_owner" => "who_owns_the_thread_is_shown_to_the_owner_and_the_default_app",
        "secondary_receivers" => "the_primary_receiver_sees_the_secondary_ones",
        _ if expected.is_some() != found.is_some() && instagram => {
            "a_text_has_at_most_1000_bytes_on_instagram"
        }
        _ => "a_message_is_either_text_or_attachment_or_pictures_or_sticker",
    }
}
