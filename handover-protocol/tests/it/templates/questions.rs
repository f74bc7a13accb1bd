//! Templates that ask: feedback, information, opt-ins.

use super::*;

#[test]
fn customer_feedback_templates() {
    let read: CustomerFeedbackTemplate = template(
        "customer_feedback",
        json!({"title": "How was it?",
        "subtitle": "Tell us", "button_title": "Rate", "feedback_screens": [{"questions":
        [{"id": "hauydmns8", "type": "csat", "title": "How content are you?",
          "score_label": "neg_pos", "score_option": "five_stars",
          "follow_up": {"type": "free_form", "placeholder": "Tell us more"}}]}],
        "business_privacy": {"url": "https://example.com/privacy"}, "expires_in_days": 3}),
    );
    let question = FeedbackQuestion::new("hauydmns8", "csat", "How content are you?");
    let mut built =
        CustomerFeedbackTemplate::new("How was it?", question, "https://example.com/privacy");
    assert_eq!(built.check(), Ok(()));
    built.subtitle = Some("Tell us".into());
    built.button_title = Some("Rate".into());
    built.expires_in_days = Some(3);
    let extra = &mut built.feedback_screens[0].questions[0];
    extra.score_label = Some("neg_pos".into());
    extra.score_option = Some("five_stars".into());
    extra.follow_up = read.feedback_screens[0].questions[0].follow_up.clone();
    assert_eq!(read, built);
}

fn feedback(change: impl Fn(&mut CustomerFeedbackTemplate)) -> Result<(), LimitExceeded> {
    let question = FeedbackQuestion::new("q_1", "csat", "How content are you?");
    let mut template = CustomerFeedbackTemplate::new("T", question, "https://example.com/privacy");
    change(&mut template);
    template.check()
}

#[test]
fn limits_of_customer_feedback_templates() {
    let titled = |length| feedback(|template| template.title = long(length));
    assert_eq!((titled(1), titled(65)), (Ok(()), Ok(())));
    exceeds(titled(0), Limit::FeedbackTitle, "title", 0);
    exceeds(titled(66), Limit::FeedbackTitle, "title", 66);
    let subtitled = |length| feedback(|template| template.subtitle = Some(long(length)));
    assert_eq!(subtitled(80), Ok(()));
    exceeds(subtitled(81), Limit::FeedbackSubtitle, "subtitle", 81);
    let button = |length| feedback(|template| template.button_title = Some(long(length)));
    assert_eq!(button(20), Ok(()));
    exceeds(button(21), Limit::FeedbackButtonTitle, "button_title", 21);
    let expiring = |days| feedback(|template| template.expires_in_days = Some(days));
    assert_eq!((expiring(1), expiring(7)), (Ok(()), Ok(())));
    exceeds(expiring(0), Limit::ExpiresInDays, "expires_in_days", 0);
    exceeds(expiring(8), Limit::ExpiresInDays, "expires_in_days", 8);
}

#[test]
fn limits_of_feedback_questions() {
    let screens = |count: usize| {
        feedback(|template| {
            template.feedback_screens = vec![template.feedback_screens[0].clone(); count];
        })
    };
    assert_eq!(screens(1), Ok(()));
    exceeds(screens(0), Limit::FeedbackScreens, "feedback_screens", 0);
    exceeds(screens(2), Limit::FeedbackScreens, "feedback_screens", 2);
    let questions = |count: usize| {
        feedback(|template| {
            let screen = &mut template.feedback_screens[0];
            screen.questions = vec![screen.questions[0].clone(); count];
        })
    };
    let field = "feedback_screens[0].questions";
    exceeds(questions(0), Limit::FeedbackQuestions, field, 0);
    exceeds(questions(2), Limit::FeedbackQuestions, field, 2);
    let with_id =
        |id: String| feedback(|template| template.feedback_screens[0].questions[0].id = id.clone());
    let field = "feedback_screens[0].questions[0].id";
    assert_eq!(
        (with_id("a".into()), with_id("a".repeat(80))),
        (Ok(()), Ok(()))
    );
    exceeds(with_id(String::new()), Limit::FeedbackQuestionId, field, 0);
    exceeds(
        with_id("a".repeat(81)),
        Limit::FeedbackQuestionId,
        field,
        81,
    );
    exceeds(
        with_id("a-b c".into()),
        Limit::FeedbackQuestionIdOdd,
        field,
        2,
    );
    let titled = |length| {
        feedback(|template| template.feedback_screens[0].questions[0].title = long(length))
    };
    let field = "feedback_screens[0].questions[0].title";
    assert_eq!((titled(5), titled(85)), (Ok(()), Ok(())));
    exceeds(titled(4), Limit::FeedbackQuestionTitle, field, 4);
    exceeds(titled(86), Limit::FeedbackQuestionTitle, field, 86);
}

#[test]
fn customer_information_templates() {
    let json = json!({"screens": [{"screen_id": "s1"}], "expires_in_days": 3});
    let form: CustomerInformationTemplate = template("customer_information", json);
    let expiring = |days| {
        let form = CustomerInformationTemplate {
            expires_in_days: Some(days),
            ..form.clone()
        };
        form.check()
    };
    assert_eq!((expiring(1), expiring(7)), (Ok(()), Ok(())));
    exceeds(expiring(0), Limit::ExpiresInDays, "expires_in_days", 0);
    exceeds(expiring(8), Limit::ExpiresInDays, "expires_in_days", 8);
}

#[test]
fn instant_forms() {
    let read: InstantFormTemplate = template("instant_form", json!({"form_id": "F"}));
    assert_eq!(read, InstantFormTemplate::new("F"));
}

#[test]
fn requests_for_one_notification() {
    let json = json!({"title": "When it is back", "payload": "HAT"});
    let read: OneTimeNotificationTemplate = template("one_time_notif_req", json);
    assert_eq!(
        read,
        OneTimeNotificationTemplate::new("When it is back", "HAT")
    );
    let titled = |length| OneTimeNotificationTemplate::new(long(length), "P").check();
    assert_eq!(titled(65), Ok(()));
    exceeds(titled(66), Limit::OneTimeTitle, "title", 66);
}

#[test]
fn requests_for_marketing_messages() {
    let read: NotificationMessagesTemplate = template(
        "notification_messages",
        json!({
        "title": "Offers", "image_url": "https://i", "payload": "P",
        "notification_messages_frequency": "WEEKLY", "notification_messages_timezone": "UTC",
        "notification_messages_cta_text": "SIGN_UP"}),
    );
    let built = NotificationMessagesTemplate::new("P")
        .title("Offers")
        .image_url("https://i")
        .notification_messages_frequency("WEEKLY")
        .notification_messages_timezone("UTC")
        .notification_messages_cta_text("SIGN_UP");
    assert_eq!(read, built);
}
