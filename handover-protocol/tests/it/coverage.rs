//! `docs/coverage.md` lists everything the platform says and can be asked, and is true.
//!
//! The tables are written here. `UPDATE_COVERAGE=1 cargo test -p handover-protocol coverage`
//! writes the page anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

/// Something the platform says or can be asked: its name, the type, the attribute or method, and the
/// test of the shape.
struct Row(&'static str, &'static str, &'static str, &'static str);

/// Names are webhook field and key of the event; several fields may bring one.
#[rustfmt::skip]
const EVENTS: &[Row] = &[
    Row("`messages`: `message`", "EventBody::Message(Message)", "#[on_message]", "event_shapes::messages"),
    Row("`messages`: attachments", "Attachment", "#[on_message(attachment = …)]", "event_shapes::attachments"),
    Row("`message_echoes`: `message` with `is_echo`", "EventBody::Echo(Message)", "#[on_echo]", "event_shapes::echoes"),
    Row("`messages`: `template` (a coupon was opened)", "EventBody::CouponClick(CouponClick)", "#[on_event(name = \"template\")]", "event_shapes::clicks_on_coupons"),
    Row("`message_edits`: `message_edit`", "EventBody::MessageEdit(MessageEdit)", "#[on_message_edit]", "event_shapes::message_edits"),
    Row("`message_reactions`: `reaction`", "EventBody::Reaction(Reaction)", "#[on_reaction]", "event_shapes::reactions"),
    Row("`message_reads`, `messaging_seen`: `read`", "EventBody::Read(Read)", "#[on_read]", "event_shapes::reads_of_both_products"),
    Row("`message_deliveries`: `delivery`", "EventBody::Delivery(Delivery)", "#[on_delivery]", "event_shapes::deliveries"),
    Row("`messaging_postbacks`: `postback`", "EventBody::Postback(Postback)", "#[on_postback]", "event_shapes::postbacks"),
    Row("`messaging_optins`: `optin` of plugins", "EventBody::Optin(Optin)", "#[on_optin]", "event_shapes::optins_of_plugins"),
    Row("`messaging_optins`: `optin` for one message", "EventBody::Optin(Optin)", "#[on_optin]", "event_shapes::optins_for_one_message"),
    Row("`messaging_optins`: `optin` for marketing messages", "EventBody::Optin(Optin)", "#[on_optin]", "event_shapes::optins_for_marketing_messages"),
    Row("`messaging_optins`: stop and resume", "EventBody::Optin(Optin)", "#[on_optin]", "event_shapes::a_person_stops_marketing_messages_and_resumes_them"),
    Row("`messaging_referrals`, `messaging_referral`: `referral`", "EventBody::Referral(Referral)", "#[on_referral]", "event_shapes::referrals"),
    Row("`messaging_referrals`: `lead` beside a `referral`", "Lead", "Event::lead", "event_shapes::leads_in_a_referral"),
    Row("`messaging_account_linking`, `messaging_fblogin_account_linking`: `account_linking`", "EventBody::AccountLinking(AccountLinking)", "#[on_account_linking]", "event_shapes::account_linking"),
    Row("`messaging_handovers`, `messaging_handover`: `pass_thread_control`", "EventBody::PassThreadControl(PassThreadControl)", "#[on_pass_thread_control]", "event_shapes::thread_control_events"),
    Row("`messaging_handovers`: `take_thread_control`", "EventBody::TakeThreadControl(TakeThreadControl)", "#[on_take_thread_control]", "event_shapes::thread_control_events"),
    Row("`messaging_handovers`: `request_thread_control`", "EventBody::RequestThreadControl(RequestThreadControl)", "#[on_request_thread_control]", "event_shapes::thread_control_events"),
    Row("`messaging_handovers`: `app_roles`", "EventBody::AppRoles(AppRoles)", "#[on_app_roles]", "event_shapes::thread_control_events"),
    Row("`standby`: any of the above", "Channel", "#[on_standby]", "reading::messaging_comes_before_standby_when_an_entry_has_both"),
    Row("`hop_context` of items and entries", "HopContext", "Event::hop_context", "event_shapes::hop_contexts_of_items_and_entries"),
    Row("`prior_message` of items", "PriorMessage", "Event::prior_message", "event_shapes::prior_messages"),
    Row("`messaging_policy_enforcement`: `policy_enforcement`, `policy-enforcement`", "EventBody::PolicyEnforcement(PolicyEnforcement)", "#[on_policy_enforcement]", "event_shapes::policy_enforcement_in_both_spellings"),
    Row("`messaging_feedback`", "EventBody::Feedback(Feedback)", "#[on_feedback]", "event_shapes::customer_feedback"),
    Row("`messaging_customer_information`", "EventBody::CustomerInformation(CustomerInformation)", "#[on_event(name = \"messaging_customer_information\")]", "event_shapes::customer_information"),
    Row("`response_feedback`", "EventBody::ResponseFeedback(ResponseFeedback)", "#[on_event(name = \"response_feedback\")]", "event_shapes::thumbs"),
    Row("`send_cart`: `order`", "EventBody::Order(Order)", "#[on_event(name = \"order\")]", "event_shapes::carts"),
    Row("`messaging_in_thread_lead_form_submit`: `form`", "EventBody::LeadForm(LeadForm)", "#[on_event(name = \"form\")]", "event_shapes::lead_forms_in_the_thread"),
    Row("`messaging_game_plays`: `game_play`", "EventBody::GamePlay(GamePlay)", "#[on_event(name = \"game_play\")]", "event_shapes::game_plays"),
    Row("`messaging_payments`: `payment`", "EventBody::Payment(Payment)", "#[on_event(name = \"payment\")]", "event_shapes::payments"),
    Row("`messaging_pre_checkouts`: `pre_checkout`", "EventBody::PreCheckout(PreCheckout)", "#[on_event(name = \"pre_checkout\")]", "event_shapes::pre_checkouts"),
    Row("`messaging_checkout_updates`: `checkout_update`", "EventBody::CheckoutUpdate(CheckoutUpdate)", "#[on_event(name = \"checkout_update\")]", "event_shapes::checkout_updates"),
    Row("`group_feed`", "EventBody::GroupFeed(GroupFeed)", "#[on_event(name = \"group_feed\")]", "event_shapes::group_feed"),
    Row("`marketing_message_clicks`, `marketing_message_deliveries`, `marketing_message_delivery_failed`, `marketing_message_echoes`, `marketing_message_reads`", "EventBody::MarketingMessage(MarketingMessage)", "#[on_event(name = \"…\")]", "event_shapes::marketing_messages"),
    Row("`feed`", "EventBody::Feed(Feed)", "#[on_event(name = \"feed\")]", "event_shapes::feeds"),
    Row("`leadgen`", "EventBody::Leadgen(Leadgen)", "#[on_event(name = \"leadgen\")]", "event_shapes::leads_outside_of_the_thread"),
    Row("`inbox_labels`", "EventBody::InboxLabels(InboxLabel)", "#[on_event(name = \"inbox_labels\")]", "event_shapes::labels_in_the_inbox"),
    Row("`comments`", "EventBody::Comments(InstagramComment)", "#[on_event(name = \"comments\")]", "event_shapes::comments_on_instagram"),
    Row("`live_comments`", "EventBody::LiveComments(InstagramComment)", "#[on_event(name = \"live_comments\")]", "event_shapes::comments_on_instagram"),
    Row("`mentions`", "EventBody::Mentions(InstagramMention)", "#[on_event(name = \"mentions\")]", "event_shapes::mentions_on_instagram"),
    Row("`calls`", "EventBody::Call(VoiceCall)", "#[on_event(name = \"calls\")]", "event_shapes::voice_calls"),
    Row("Changes whose shape is not known, kept whole: `business_integrity`, `call_permission_reply`, `call_settings_update`, `marketing_messages_subscriber_upload_status`, `mention`, `message_template_status_update`, `messenger_template_status_update`, `story_insights`, `story_share`, `user_action`", "EventBody::Unknown", "#[on_event(name = \"…\")]", "event_shapes::changes_of_unknown_shape_are_kept_whole"),
    Row("Items whose shape is not known, kept whole: `message_context`, `message_mention`, `messaging_appointments`, `messaging_direct_sends`, `messaging_integrity`, `messaging_optouts`", "EventBody::Unknown", "#[on_event(name = …)]", "event_shapes::items_of_unknown_kind_are_kept_whole"),
    Row("What the dashboard's Test button sends", "Received", "#[on_message]", "reading::the_test_button_wraps_an_item_in_a_change"),
    Row("WhatsApp, `messaging_handovers` and `standby` (feature `whatsapp`)", "WhatsAppEvent", "WhatsAppEvent::of", "whatsapp::webhooks_of_whatsapp"),
];

#[rustfmt::skip]
const CALLS: &[Row] = &[
    Row("`POST /{account}/messages`", "SendRequest", "Graph::send", "send::everything_beside_a_message"),
    Row("… to people by id, plugin, post, comment, phone number and tokens", "Recipient", "Graph::send_to", "send::other_ways_to_address_someone"),
    Row("… `messaging_type`", "MessagingType", "SendCall::messaging_type", "send::messaging_types_and_tags"),
    Row("… `tag`", "MessageTag", "SendCall::tag", "send::tags"),
    Row("… `notification_type`", "NotificationType", "SendCall::notification_type", "send::notification_types"),
    Row("… `persona_id`, `reply_to`", "ReplyTarget", "SendCall::persona", "send::everything_beside_a_message"),
    Row("… `thread_control`", "SendThreadControl", "SendCall::thread_control", "send::a_message_that_hands_the_thread_over"),
    Row("… text", "OutgoingMessage", "SendCall::text", "send::limits_of_texts"),
    Row("… quick replies", "QuickReply", "SendCall::quick_replies", "send::quick_replies"),
    Row("… attachments by address", "OutgoingAttachment", "SendCall::attachment", "send::attachments_by_address"),
    Row("… attachments by id, and to be kept", "OutgoingAttachmentPayload", "SendCall::attachment", "send::attachments_to_keep_and_to_send_again"),
    Row("… `like_heart` and `MEDIA_SHARE` on Instagram", "OutgoingAttachment", "SendCall::attachment", "send::attachments_of_instagram"),
    Row("… several images, stickers", "OutgoingMessage", "SendCall::message", "send::images_and_stickers"),
    Row("… sender actions", "SenderAction", "Graph::sender_action", "send::sender_actions_in_either_case"),
    Row("… `react`, `unreact`", "ReactionTarget", "Graph::react", "send::reactions_of_the_bot"),
    Row("… utility template", "UtilityTemplate", "SendCall::utility", "send::utility_messages"),
    Row("… its answer", "SendResponse", "Graph::send", "send::answers"),
    Row("Template `button`", "ButtonTemplate", "SendCall::attachment", "templates::button_templates"),
    Row("… buttons of every kind", "Button", "SendCall::template", "templates::buttons_of_every_kind"),
    Row("Template `generic`", "GenericTemplate", "SendCall::attachment", "templates::generic_templates"),
    Row("Template `media`", "MediaTemplate", "SendCall::attachment", "templates::media_templates"),
    Row("Template `receipt`", "ReceiptTemplate", "SendCall::attachment", "templates::receipts"),
    Row("Template `product`", "ProductTemplate", "SendCall::attachment", "templates::product_templates"),
    Row("Template `coupon`", "CouponTemplate", "SendCall::attachment", "templates::coupons"),
    Row("Template `customer_feedback`", "CustomerFeedbackTemplate", "SendCall::attachment", "templates::customer_feedback_templates"),
    Row("Template `customer_information`", "CustomerInformationTemplate", "SendCall::attachment", "templates::customer_information_templates"),
    Row("Template `instant_form`", "InstantFormTemplate", "SendCall::attachment", "templates::instant_forms"),
    Row("Template `image_grid`", "ImageGridTemplate", "SendCall::attachment", "templates::image_grids"),
    Row("Template `one_time_notif_req`", "OneTimeNotificationTemplate", "SendCall::attachment", "templates::requests_for_one_notification"),
    Row("Template `notification_messages`", "NotificationMessagesTemplate", "SendCall::attachment", "templates::requests_for_marketing_messages"),
    Row("Retired templates, kept whole", "Template", "SendCall::attachment", "templates::retired_templates_are_kept_whole"),
    Row("`POST /{page}/message_templates`: its answer", "MessageTemplate", "Graph::create_message_template", "graph::templates_to_be_approved"),
    Row("`POST /{account}/message_attachments`", "AttachmentUpload", "Graph::upload", "graph::uploads"),
    Row("`POST /{page}/pass_thread_control`", "PassThreadControlRequest", "Graph::pass_thread_control", "thread_control::a_pass_names_its_target_as_a_string"),
    Row("`POST /{page}/take_thread_control`", "TakeThreadControlRequest", "Graph::take_thread_control", "thread_control::the_other_requests"),
    Row("`POST /{page}/request_thread_control`", "RequestThreadControlRequest", "Graph::request_thread_control", "thread_control::the_other_requests"),
    Row("`POST /{page}/release_thread_control`", "ReleaseThreadControlRequest", "Graph::release_thread_control", "thread_control::the_other_requests"),
    Row("`POST /{page}/extend_thread_control`", "ExtendThreadControlRequest", "Graph::extend_thread_control", "thread_control::the_other_requests"),
    Row("`GET /{page}/thread_owner`", "ThreadOwners", "Graph::thread_owner", "thread_control::owners_seen_by_themselves_by_others_and_of_old"),
    Row("`GET /{page}/secondary_receivers`", "SecondaryReceivers", "Graph::secondary_receivers", "thread_control::receivers_of_old"),
    Row("`GET /me?fields=messaging_feature_status`", "MessagingFeatureStatus", "Graph::messaging_feature_status", "thread_control::features_of_an_account"),
    Row("`GET`, `POST`, `DELETE /me/messenger_profile`", "MessengerProfile", "Graph::set_profile", "profile::profiles"),
    Row("… `get_started`, `greeting`", "Greeting", "Profile::greeting", "profile::limits_of_get_started_and_greetings"),
    Row("… `ice_breakers`", "IceBreaker", "Profile::ice_breakers", "profile::ice_breakers_in_the_older_form"),
    Row("… `persistent_menu`", "PersistentMenu", "Profile::persistent_menu", "profile::limits_of_menus"),
    Row("… `commands`", "LocalizedCommands", "Profile::commands", "profile::limits_of_commands"),
    Row("`GET`, `POST`, `DELETE /{page}/custom_user_settings`", "UserSettings", "Graph::set_user_menu", "profile::menus_of_one_person"),
    Row("`GET`, `POST`, `DELETE /{app}/subscriptions`", "AppSubscription", "AppGraph::subscriptions", "graph::subscriptions"),
    Row("`GET`, `POST`, `DELETE /{page}/subscribed_apps`", "SubscribedApp", "Graph::subscribed_apps", "graph::subscriptions"),
    Row("`GET /{person}`", "UserProfile", "Graph::user_profile", "graph::user_profiles_of_both_products"),
    Row("`GET /{user}/ids_for_pages`", "IdForPage", "AppGraph::ids_for_pages", "graph::ids_at_pages"),
    Row("`GET`, `POST`, `DELETE` personas", "Persona", "Graph::create_persona", "graph::personas"),
    Row("`GET`, `POST`, `DELETE` labels", "PageLabel", "Graph::add_label", "graph::labels"),
    Row("`GET /{account}/conversations`, `GET /{conversation}`", "Conversation", "Graph::conversations", "graph::conversations_and_messages"),
    Row("`GET /{message}`", "ConversationMessage", "Graph::message", "graph::conversations_and_messages"),
    Row("`POST /{page}/moderate_conversations`", "ModerateConversations", "Graph::moderate", "graph::moderation"),
    Row("`GET /me?account_linking_token=…`, `POST /me/unlink_accounts`", "LinkedAccount", "Graph::linked_account", "graph::linking_accounts"),
    Row("`GET /sticker_packs`, `GET /sticker_search`", "Sticker", "AppGraph::sticker_packs", "graph::stickers"),
    Row("`GET /oauth/access_token`, `GET /{page}?fields=access_token`", "AccessToken", "AppGraph::long_lived_token", "graph::tokens"),
    Row("`GET /me/accounts`", "PageToken", "UserGraph::page_tokens", "graph::tokens"),
    Row("`GET /debug_token`", "DebugToken", "AppGraph::debug_token", "graph::what_there_is_to_say_about_a_token"),
    Row("Batch", "BatchRequest", "Graph::batch", "graph::batches"),
    Row("Pages of a list", "Listing", "ListCall::all", "graph::listings_and_their_pages"),
    Row("Usage headers", "BusinessUsage", "GraphError::retry_after", "graph::usage_in_headers"),
    Row("Errors", "ErrorBody", "GraphError::advice", "errors::every_field_is_read_and_written"),
    Row("`POST /{phone number}/thread_control` on WhatsApp (feature `whatsapp`)", "WhatsAppThreadControl", "WhatsApp::thread_control", "whatsapp::thread_control_on_whatsapp"),
];

/// The fields an app can subscribe to: of a Page, and of an Instagram account.
const FIELDS: &str = "messages message_echoes message_deliveries message_reads message_reactions \
    message_edits message_context message_mention message_template_status_update messaging_postbacks \
    messaging_optins messaging_optouts messaging_referrals messaging_handovers \
    messaging_account_linking messaging_fblogin_account_linking messaging_feedback \
    messaging_customer_information messaging_game_plays messaging_payments messaging_pre_checkouts \
    messaging_checkout_updates messaging_policy_enforcement messaging_integrity \
    messaging_appointments messaging_direct_sends messaging_in_thread_lead_form_submit standby \
    response_feedback send_cart group_feed inbox_labels feed mention leadgen calls \
    call_permission_reply call_settings_update marketing_message_clicks \
    marketing_message_deliveries marketing_message_delivery_failed marketing_message_echoes \
    marketing_message_reads marketing_messages_subscriber_upload_status business_integrity \
    story_share user_action messaging_seen messaging_referral messaging_handover message_edit \
    comments live_comments mentions story_insights";

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// All Rust of a folder.
fn source(folder: &str) -> String {
    let mut source = String::new();
    let mut folders = vec![workspace().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                source += &fs::read_to_string(path).unwrap();
            }
        }
    }
    source
}

fn rows() -> impl Iterator<Item = &'static Row> {
    EVENTS.iter().chain(CALLS)
}

fn page() -> String {
    let mut page = "# What is covered\n\n\
        Everything the platform says and can be asked, with its type in `handover::protocol`, and the \
        attribute or method by which a bot meets it. What accompanies an event is a method of the \
        argument `Event`, or of the `Event::event` in it. The tests are in `handover-protocol/tests/it/`; \
        this page is written and checked by `coverage.rs` there.\n"
        .to_owned();
    for (title, what, how, rows) in [
        ("Events", "webhook field: event", "attribute", EVENTS),
        ("Calls", "call", "method", CALLS),
    ] {
        write!(
            page,
            "\n## {title}\n\n| {what} | type | {how} | test |\n|---|---|---|---|\n"
        )
        .unwrap();
        for Row(what, kind, how, test) in rows {
            writeln!(page, "| {what} | `{kind}` | `{how}` | `{test}` |").unwrap();
        }
    }
    page
}

#[test]
fn the_page_is_up_to_date() {
    let path = workspace().join("docs/coverage.md");
    if env::var_os("UPDATE_COVERAGE").is_some() {
        fs::write(&path, page()).unwrap();
    }
    let written = fs::read_to_string(path).unwrap_or_default();
    assert!(
        written == page(),
        "docs/coverage.md is out of date: set UPDATE_COVERAGE=1 and run this test again"
    );
}

#[test]
fn every_type_exists() {
    let source = source("handover-protocol/src");
    let exists = |name: &str| {
        ["struct", "enum"].iter().any(|kind| {
            [" {", "(", "<"]
                .iter()
                .any(|end| source.contains(&format!("pub {kind} {name}{end}")))
        })
    };
    for Row(what, kind, ..) in rows() {
        if let Some(variant) = kind.strip_prefix("EventBody::") {
            assert!(source.contains(&format!(" {variant}")), "{what}: {kind}");
        }
        let name = kind.split(['(', ')', ':']).rfind(|part| !part.is_empty());
        let name = name
            .filter(|name| *name != "Unknown")
            .unwrap_or("EventBody");
        assert!(exists(name), "{what}: {kind}");
    }
}

#[test]
fn every_test_exists() {
    for Row(what, _, _, test) in rows() {
        let (file, name) = test.split_once("::").unwrap();
        let path = workspace().join("handover-protocol/tests/it").join(file);
        let tests: String = match fs::read_dir(&path) {
            Ok(parts) => parts
                .map(|part| fs::read_to_string(part.unwrap().path()).unwrap())
                .collect(),
            Err(_) => fs::read_to_string(path.with_extension("rs")).unwrap(),
        };
        assert!(
            tests.contains(&format!("#[test]\nfn {name}()")),
            "{what}: {test}"
        );
    }
}

#[test]
fn every_attribute_and_method_exists() {
    let attributes = source("handover-macros/src");
    let methods = [
        "handover-protocol/src",
        "handover-runtime/src/graph",
        "handover-runtime/src/accounts",
    ]
    .map(source)
    .concat();
    for Row(what, _, how, _) in rows() {
        let exists = match (how.strip_prefix("#["), how.split_once("::")) {
            (Some(attribute), _) => {
                let name = attribute.split(['(', ']']).next().unwrap();
                attributes.contains(&format!("{name} =>"))
            }
            (None, Some((_, method))) => ["(", "<"]
                .iter()
                .any(|end| methods.contains(&format!("fn {method}{end}"))),
            (None, None) => false,
        };
        assert!(exists, "{what}: {how}");
    }
}

#[test]
fn every_webhook_field_is_listed() {
    for field in FIELDS.split_whitespace() {
        let listed = EVENTS
            .iter()
            .any(|Row(what, ..)| what.contains(&format!("`{field}`")));
        assert!(listed, "{field}");
    }
}

#[test]
fn every_typed_event_and_template_is_listed() {
    let folder = workspace().join("handover-protocol/src");
    let typed = |file: &str| {
        let source = fs::read_to_string(folder.join(file)).unwrap();
        let lines = source
            .lines()
            .filter_map(|line| line.trim().split_once(" = \""));
        let typed: Vec<String> = lines
            .filter(|(variant, _)| variant.ends_with(')') && !variant.contains(' '))
            .map(|(variant, _)| variant.to_owned())
            .collect();
        assert!(typed.len() > 5, "{file}");
        typed
    };
    for variant in typed("webhook/event.rs") {
        let kind = format!("EventBody::{variant}");
        assert!(
            EVENTS.iter().any(|Row(_, listed, ..)| *listed == kind),
            "{kind}"
        );
    }
    for variant in typed("template/mod.rs") {
        let (_, kind) = variant.trim_end_matches(')').split_once('(').unwrap();
        let kind = kind.trim_start_matches("Box<").trim_end_matches('>');
        assert!(
            CALLS.iter().any(|Row(_, listed, ..)| *listed == kind),
            "{kind}"
        );
    }
}
