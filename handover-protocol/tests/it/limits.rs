//! Every limit: what is exactly as large as allowed passes, one more does not, and where there is a
//! least, nor does one less.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use handover_protocol::{
    BatchItem, BatchRequest, Button, ButtonTemplate, Command, CouponTemplate,
    CustomerFeedbackTemplate, CustomerInformationTemplate, Element, ExtendThreadControlRequest,
    FeedbackQuestion, GenericTemplate, GetStarted, Greeting, GridElement, GridImage, IceBreaker,
    IceBreakerQuestion, ImageGridTemplate, Limit, LimitExceeded, LocalizedCommands, MediaElement,
    MediaTemplate, MessengerProfile, ModerateConversations, ModerationAction, Object,
    OneTimeNotificationTemplate, OutgoingAttachment, OutgoingMessage, PassThreadControlRequest,
    PersistentMenu, Persona, ProductTemplate, QuickReply, ReceiptElement, ReceiptTemplate,
    Recipient, SendRequest, SenderAction, check_upload,
};

/// Checks something that has this many of what the limit counts.
type Check = fn(usize) -> Result<(), LimitExceeded>;

#[rustfmt::skip]
const CHECKS: &[(Limit, Check)] = &[
    (Limit::MessengerText, |n| OutgoingMessage::text(wide(n)).check(&Object::Page)),
    (Limit::InstagramText, |n| OutgoingMessage::text("e".repeat(n)).check(&Object::Instagram)),
    (Limit::QuickReplies, |n| offering(vec!["Red".into(); n])),
    (Limit::QuickReplyTitle, |n| offering(vec![QuickReply::text(wide(n), "P")])),
    (Limit::QuickReplyPayload, |n| offering(vec![QuickReply::text("T", wide(n))])),
    (Limit::MessageMetadata, |n| message(|message| message.metadata = Some(wide(n)))),
    (Limit::MessengerImages, |n| images(n).check(&Object::Page)),
    (Limit::InstagramImages, |n| images(n).check(&Object::Instagram)),
    (Limit::AttachmentBytes, |n| check_upload(n as u64)),
    (Limit::MessageContent, |n| message(|message| {
        message.text = (n > 0).then(|| "T".into());
        message.attachment = (n > 1).then(OutgoingAttachment::like_heart);
    })),
    (Limit::RequestContent, |n| {
        let request = SendRequest {
            message: (n > 0).then(|| OutgoingMessage::text("T")),
            sender_action: (n > 1).then_some(SenderAction::TypingOn),
            ..Default::default()
        };
        request.check(&Object::Page)
    }),
    (Limit::RecipientContent, |n| {
        let recipient = Recipient {
            id: (n > 0).then(|| "9".into()),
            user_ref: (n > 1).then(|| "U".into()),
            ..Default::default()
        };
        recipient.check()
    }),
    (Limit::HandoverMetadata, |n| {
        let pass = PassThreadControlRequest { metadata: Some(wide(n)), ..Default::default() };
        pass.check()
    }),
    (Limit::ExtendDuration, |n| {
        let extend = ExtendThreadControlRequest { duration: Some(n as u64), ..Default::default() };
        extend.check()
    }),
    (Limit::ButtonTitle, |n| Button::postback(wide(n), "P").check()),
    (Limit::ButtonPayload, |n| Button::postback("T", wide(n)).check()),
    (Limit::Buttons, |n| ButtonTemplate::new("T", buttons(n)).check()),
    (Limit::ElementButtons, |n| {
        let hat = Element::new("Hat").subtitle("$40");
        carousel(vec![buttons(n).into_iter().fold(hat, Element::button)])
    }),
    (Limit::ButtonTemplateText, |n| ButtonTemplate::new(wide(n), buttons(1)).check()),
    (Limit::Elements, |n| carousel(vec![Element::new("Hat").subtitle("$40"); n])),
    (Limit::ElementTitle, |n| carousel(vec![Element::new(wide(n)).subtitle("$40")])),
    (Limit::ElementSubtitle, |n| carousel(vec![Element::new("Hat").subtitle(wide(n))])),
    (Limit::ElementContent, |n| {
        let hat = Element { subtitle: (n > 0).then(|| "$40".into()), ..Element::new("Hat") };
        carousel(vec![hat])
    }),
    (Limit::MediaElements, |n| {
        let elements = vec![MediaElement::by_id("image", "A"); n];
        MediaTemplate { elements, ..Default::default() }.check()
    }),
    (Limit::ReceiptElements, |n| {
        let elements = vec![ReceiptElement::new("Hat", 1.0); n];
        ReceiptTemplate { elements, ..Default::default() }.check()
    }),
    (Limit::Products, |n| ProductTemplate::new(vec!["4711"; n]).check()),
    (Limit::CouponTitle, |n| CouponTemplate::new(wide(n)).coupon_code("C").check()),
    (Limit::CouponSubtitle, |n| {
        CouponTemplate::new("T").coupon_code("C").subtitle(wide(n)).check()
    }),
    (Limit::CouponContent, |n| {
        let coupon = CouponTemplate {
            coupon_code: (n > 0).then(|| "C".into()),
            coupon_url: (n > 1).then(|| "https://c".into()),
            ..CouponTemplate::new("T")
        };
        coupon.check()
    }),
    (Limit::FeedbackTitle, |n| feedback(|form| form.title = wide(n))),
    (Limit::FeedbackSubtitle, |n| feedback(|form| form.subtitle = Some(wide(n)))),
    (Limit::FeedbackButtonTitle, |n| feedback(|form| form.button_title = Some(wide(n)))),
    (Limit::FeedbackScreens, |n| feedback(|form| {
        form.feedback_screens = vec![form.feedback_screens[0].clone(); n];
    })),
    (Limit::FeedbackQuestions, |n| feedback(|form| {
        let screen = &mut form.feedback_screens[0];
        screen.questions = vec![screen.questions[0].clone(); n];
    })),
    (Limit::FeedbackQuestionId, |n| question(|question| question.id = "a".repeat(n))),
    (Limit::FeedbackQuestionIdOdd, |n| question(|question| question.id += &"-".repeat(n))),
    (Limit::FeedbackQuestionTitle, |n| question(|question| question.title = wide(n))),
    (Limit::ExpiresInDays, |n| {
        let form = CustomerInformationTemplate {
            expires_in_days: u32::try_from(n).ok(),
            ..Default::default()
        };
        form.check()
    }),
    (Limit::GridElements, |n| {
        ImageGridTemplate { elements: vec![grid(2); n], ..Default::default() }.check()
    }),
    (Limit::GridTitle, |n| ImageGridTemplate::new(grid(2).title(wide(n))).check()),
    (Limit::GridSubtitle, |n| ImageGridTemplate::new(grid(2).subtitle(wide(n))).check()),
    (Limit::GridImages, |n| ImageGridTemplate::new(grid(n)).check()),
    (Limit::OneTimeTitle, |n| OneTimeNotificationTemplate::new(wide(n), "P").check()),
    (Limit::GetStartedPayload, |n| {
        profile(|profile| profile.get_started = Some(GetStarted::new(wide(n))))
    }),
    (Limit::GreetingText, |n| profile(|profile| profile.greeting = vec![Greeting::new(wide(n))])),
    (Limit::IceBreakers, |n| profile(|profile| {
        profile.ice_breakers = vec![IceBreaker::new(vec![IceBreakerQuestion::new("Q", "P"); n])];
    })),
    (Limit::MenuItems, |n| menu(buttons(n))),
    (Limit::MenuItemTitle, |n| menu(vec![Button::postback(wide(n), "P")])),
    (Limit::MenuItemPayload, |n| menu(vec![Button::postback("T", wide(n))])),
    (Limit::Commands, |n| LocalizedCommands::new(vec![Command::new("n", "d"); n]).check()),
    (Limit::CommandName, |n| LocalizedCommands::new([Command::new(wide(n), "d")]).check()),
    (Limit::CommandDescription, |n| LocalizedCommands::new([Command::new("n", wide(n))]).check()),
    (Limit::WhitelistedDomains, |n| {
        profile(|profile| profile.whitelisted_domains = vec!["https://example.com".into(); n])
    }),
    (Limit::PersonaName, |n| Persona::new(wide(n), "https://p").check()),
    (Limit::ModeratedPeople, |n| {
        ModerateConversations::new(vec!["9"; n], [ModerationAction::BlockUser]).check()
    }),
    (Limit::ModerationActions, |n| {
        ModerateConversations::new(["9"], vec![ModerationAction::BlockUser; n]).check()
    }),
    (Limit::BatchItems, |n| {
        BatchRequest { batch: vec![BatchItem::get("me"); n], ..Default::default() }.check()
    }),
];

/// Checked by nobody: what has it is fetched by the platform itself.
const UNCHECKED: &[&str] = &["IMAGE_BYTES_BY_URL"];

/// As many characters, of two bytes each.
fn wide(characters: usize) -> String {
    "ü".repeat(characters)
}

fn buttons(count: usize) -> Vec<Button> {
    vec![Button::postback("T", "P"); count]
}

fn message(change: impl Fn(&mut OutgoingMessage)) -> Result<(), LimitExceeded> {
    let mut message = OutgoingMessage::text("T");
    change(&mut message);
    message.check(&Object::Page)
}

fn offering(quick_replies: Vec<QuickReply>) -> Result<(), LimitExceeded> {
    message(|message| message.quick_replies.clone_from(&quick_replies))
}

fn images(count: usize) -> OutgoingMessage {
    OutgoingMessage {
        attachments: vec![OutgoingAttachment::image("https://i"); count],
        ..Default::default()
    }
}

fn carousel(elements: Vec<Element>) -> Result<(), LimitExceeded> {
    GenericTemplate::new(elements).check()
}

fn feedback(change: impl Fn(&mut CustomerFeedbackTemplate)) -> Result<(), LimitExceeded> {
    let question = FeedbackQuestion::new("q", "csat", "How content are you?");
    let mut form = CustomerFeedbackTemplate::new("T", question, "https://example.com/privacy");
    change(&mut form);
    form.check()
}

fn question(change: impl Fn(&mut FeedbackQuestion)) -> Result<(), LimitExceeded> {
    feedback(|form| change(&mut form.feedback_screens[0].questions[0]))
}

fn grid(images: usize) -> GridElement {
    GridElement::new(vec![GridImage::new("https://i"); images])
}

fn profile(change: impl Fn(&mut MessengerProfile)) -> Result<(), LimitExceeded> {
    let mut profile = MessengerProfile::default();
    change(&mut profile);
    profile.check()
}

fn menu(items: Vec<Button>) -> Result<(), LimitExceeded> {
    profile(|profile| profile.persistent_menu = vec![PersistentMenu::new(items.clone())])
}

#[test]
fn at_a_limit_passes_and_one_beyond_it_does_not() {
    for (limit, check) in CHECKS {
        let exceeds = |found: u64| {
            let refused = check(usize::try_from(found).unwrap());
            let refused = refused.map_err(|exceeded| (exceeded.limit, exceeded.found));
            assert_eq!(refused, Err((*limit, found)));
        };
        let (least, most) = (limit.least(), limit.allowed());
        assert_eq!(check(usize::try_from(least).unwrap()), Ok(()), "{limit:?}");
        if let Some(too_few) = least.checked_sub(1) {
            exceeds(too_few);
        }
        if most < u64::MAX {
            assert_eq!(check(usize::try_from(most).unwrap()), Ok(()), "{limit:?}");
            exceeds(most + 1);
        }
    }
}

fn source(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(file);
    fs::read_to_string(path).unwrap()
}

#[test]
fn no_limit_is_without_a_check_above() {
    let source = source("limit.rs");
    let (_, table) = source.split_once("\nlimits! {\n").unwrap();
    let (table, _) = table.split_once("\n}\n").unwrap();
    let limits: BTreeSet<String> = table
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(char::is_uppercase))
        .filter_map(|line| line.split_once(':'))
        .map(|(limit, _)| limit.to_owned())
        .collect();
    let checked = CHECKS.iter().map(|(limit, _)| format!("{limit:?}"));
    assert_eq!(limits, checked.collect());
}

#[test]
fn no_number_of_the_platform_is_written_down_for_nothing() {
    let checked = source("limit.rs");
    let numbers = source("limits.rs");
    let numbers = numbers
        .lines()
        .filter_map(|line| line.strip_prefix("pub const ")?.split_once(':'))
        .map(|(name, _)| name);
    for name in numbers.filter(|name| !UNCHECKED.contains(name)) {
        let is_used = checked
            .split(&format!("limits::{name}"))
            .skip(1)
            .any(|after| !after.starts_with(|next: char| next.is_alphanumeric() || next == '_'));
        assert!(is_used, "{name}");
    }
}
