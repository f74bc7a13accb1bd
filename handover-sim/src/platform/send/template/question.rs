//! Feedback and information templates.

use super::TITLE;
use crate::platform::Refusal;
use crate::platform::parameter::Parameter;

/// Maximum length of the title (customer feedback template).
const FEEDBACK_TITLE: usize = 65;

/// A question has at most this many characters, and at least [`QUESTION_LEAST`] (customer feedback
/// template).
const QUESTION: usize = 85;
const QUESTION_LEAST: usize = 5;

/// Maximum length of the button title (customer feedback template).
const FEEDBACK_BUTTON: usize = 20;

/// Maximum length of the id of a question (customer feedback template).
const QUESTION_ID: usize = 80;

/// Lifetime of a request in days (customer feedback template).
const OPEN_DAYS: std::ops::RangeInclusive<i64> = 1..=7;

pub(super) fn customer_feedback(payload: &Parameter<'_>) -> Result<(), Refusal> {
    payload.at("title").words(FEEDBACK_TITLE)?;
    payload.at("subtitle").text_within(TITLE)?;
    payload.at("button_title").text_within(FEEDBACK_BUTTON)?;
    payload
        .at("business_privacy")
        .needed_object()?
        .at("url")
        .needed_url()?;
    payload.at("expires_in_days").whole(OPEN_DAYS)?;
    for screen in payload.at("feedback_screens").list(1..=1)? {
        for question in screen.at("questions").list(1..=1)? {
            feedback_question(&question)?;
        }
    }
    Ok(())
}

fn feedback_question(question: &Parameter<'_>) -> Result<(), Refusal> {
    let id = question.at("id");
    let text = id.words(QUESTION_ID)?;
    if !text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
        return Err(id.wrong("consist of letters, digits and underscores"));
    }
    question
        .at("type")
        .needed_one_of(["csat", "nps", "ces", "free_form"])?;
    let title = question.at("title");
    let short = |text: std::borrow::Cow<'_, str>| text.chars().count() < QUESTION_LEAST;
    if title.text_within(QUESTION)?.is_some_and(short) {
        return Err(title.wrong(format_args!("have at least {QUESTION_LEAST} characters")));
    }
    question.at("score_label").text()?;
    question.at("score_option").text()?;
    if let Some(follow_up) = question.at("follow_up").object()? {
        follow_up.at("type").needed_one_of(["free_form"])?;
        follow_up.at("placeholder").text()?;
    }
    Ok(())
}

pub(super) fn customer_information(payload: &Parameter<'_>) -> Result<(), Refusal> {
    payload.at("expires_in_days").whole(OPEN_DAYS)?;
    for screen in payload.at("screens").list(1..=usize::MAX)? {
        for question in screen.at("questions").list(1..=usize::MAX)? {
            question.at("type").needed_text()?;
        }
    }
    Ok(())
}

/// The simulator has no forms and accepts any number as id.
pub(super) fn instant_form(payload: &Parameter<'_>) -> Result<(), Refusal> {
    let id = payload.at("form_id").needed_text()?;
    if !id.is_empty() && id.bytes().all(|b| b.is_ascii_digit()) {
        Ok(())
    } else {
        Err(Refusal::form_not_eligible())
    }
}
