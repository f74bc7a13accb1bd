//! Advice for errors of the Graph API: a table of the platform's codes.

use serde::{Deserialize, Serialize};

/// What to do about a failed call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Advice {
    /// Repeat the call a few times, with growing pauses. Not for a message that
    /// [may have been delivered](super::GraphError::may_have_been_delivered): it could arrive twice.
    Retry,
    /// Repeat the call after minutes or hours, not before [`retry_after`](super::GraphError::retry_after):
    /// earlier calls lengthen the wait.
    RetryLater,
    /// Get a new access token, then repeat the call.
    RenewToken,
    /// Do not repeat the call: the response stays the same.
    GiveUp,
}

impl Advice {
    /// The advice if the platform adds `is_transient: true`: then the response will not stay the same.
    pub(super) const fn of_transient(self) -> Self {
        match self {
            GiveUp | RenewToken => Retry,
            Retry | RetryLater => self,
        }
    }
}

use Advice::{GiveUp, RenewToken, Retry, RetryLater};
use ErrorMatch::{Code, CodeIn, Pair, Subcode, SubcodeIn};

/// How an error is recognised.
enum ErrorMatch {
    Code(i64),
    CodeIn(i64, i64),
    /// Most of these have no code in the platform's table; they are accepted in either field.
    Subcode(i64),
    SubcodeIn(i64, i64),
    /// A code with a subcode that has another meaning with other codes.
    Pair(i64, i64),
}

impl ErrorMatch {
    fn matches(&self, code: i64, subcode: Option<i64>) -> bool {
        match *self {
            Code(this) => code == this,
            CodeIn(first, last) => (first..=last).contains(&code),
            Subcode(this) => subcode == Some(this) || code == this,
            SubcodeIn(first, last) => {
                let expected = first..=last;
                subcode.is_some_and(|subcode| expected.contains(&subcode))
                    || expected.contains(&code)
            }
            Pair(this, with) => (code, subcode) == (this, Some(with)),
        }
    }
}

pub(super) struct AdviceRow {
    errors: &'static [ErrorMatch],
    pub(super) advice: Advice,
    pub(super) what_to_do: &'static str,
    /// Whether the limit applies to every call of the account.
    pub(super) limits_account: bool,
    /// Whether it concerns the message, and no other one.
    pub(super) is_of_message: bool,
    /// Whether the app lacks the permission to take threads, and has to request them.
    pub(super) cannot_take: bool,
}

impl AdviceRow {
    /// Of a limit, which ends: the account pauses, and one call shows whether it has ended.
    const fn of_account(mut self) -> Self {
        self.limits_account = true;
        self
    }

    const fn of_message(mut self) -> Self {
        self.is_of_message = true;
        self
    }

    const fn cannot_take(mut self) -> Self {
        self.cannot_take = true;
        self
    }
}

const fn row(errors: &'static [ErrorMatch], advice: Advice, what_to_do: &'static str) -> AdviceRow {
    AdviceRow {
        errors,
        advice,
        what_to_do,
        limits_account: false,
        is_of_message: false,
        cannot_take: false,
    }
}

/// The first match counts, so specific errors come before general ones.
#[rustfmt::skip]
const TABLE: &[AdviceRow] = &[
    // Who owns the thread
    row(&[Subcode(2018300), Subcode(2534037)], GiveUp, "another app owns the thread: take control, or wait until it is passed back, and send then"),
    row(&[Subcode(2018321)], RetryLater, "Messenger's own questions and answers own the thread: wait until they have ended"),
    row(&[Subcode(2534118), Code(27)], GiveUp, "taking control needs Conversation Routing: choose a default app in the Page's settings, and turn on \"Take control of conversations\" for this app").cannot_take(),
    row(&[Subcode(2018164)], GiveUp, "no app with this id is connected to the Page: the Page Inbox is 263902037430900, the Instagram Inbox 1217981644879628"),
    row(&[Subcode(2018171), Subcode(2018234)], GiveUp, "this call is for receivers of the retired handover protocol only: configure app ids instead"),

    // Recipient and window
    row(&[Subcode(2018278), Subcode(2534022), Subcode(2018065)], GiveUp, "the messaging window is closed: wait until the person writes again, or use a message type that is allowed outside of it"),
    row(&[Subcode(2018001), Subcode(2534014)], GiveUp, "no person has this id here: use the sender id of a webhook of the same Page"),
    row(&[Subcode(2018108), Subcode(1545041), Code(551)], GiveUp, "the person cannot be reached: wait until they write again"),
    row(&[Subcode(2018336)], GiveUp, "not available for people in this region: leave this feature out"),
    row(&[Subcode(2018354)], RetryLater, "too soon after the previous marketing message: wait for its minimum delay").of_message(),
    row(&[Subcode(2018352)], RetryLater, "the person was asked to opt in often enough for now: ask again later").of_message(),
    row(&[Subcode(1893063)], RetryLater, "the Page is restricted for now: see Page Quality in Meta Business Suite").of_account(),
    row(&[Subcode(1404170)], GiveUp, "the Page must not ask for opt-ins: see Page Quality in Meta Business Suite"),
    row(&[Subcode(1893015), Subcode(1893016)], GiveUp, "the person was asked about this topic already or has stopped it: do not ask again"),
    row(&[Subcode(2018021), Subcode(2018027), Subcode(2018028)], GiveUp, "messages to phone numbers need their own permission, review and billing: send to the person's id"),

    // Content
    row(&[Subcode(2018008), Subcode(2018294)], Retry, "the platform could not fetch the attachment: its URL has to be public and answer within 10 seconds (video: 75)"),
    row(&[Subcode(2018014)], GiveUp, "send the message and the sender action in two calls"),
    row(&[Subcode(2018047), Subcode(2018074), Subcode(2018109)], GiveUp, "check the attachment: its type has to be the one declared, it has to belong to this Page, and be at most 25 MB (image: 8)"),
    row(&[Subcode(2018320), Subcode(2018328)], GiveUp, "check the product template: the product ids have to exist"),
    row(&[Subcode(2018382)], GiveUp, "choose another instant form: this one is not eligible"),
    row(&[Subcode(2018344)], GiveUp, "accept the terms of custom labels in the Page's settings"),
    row(&[Subcode(2018338)], GiveUp, "the message tag was not used as allowed: send without it"),
    row(&[Subcode(1357046)], GiveUp, "the message may have arrived: look for its echo before sending it again"),

    // Instagram
    row(&[Subcode(2534041)], GiveUp, "the account's owner has to allow access to messages in Instagram's settings"),
    row(&[Subcode(2534077)], GiveUp, "link the Instagram account to the Page again, and check its two-factor authentication"),
    row(&[Subcode(2534013), Subcode(2534015), Subcode(2534025), Subcode(2534029)], GiveUp, "check that the Instagram account is linked to the Page and that what the call refers to exists"),
    row(&[Subcode(2534040)], RetryLater, "too many calls for this Instagram account: slow down").of_account(),

    // Other parts of the platform
    row(&[Subcode(2018218), Subcode(2018247)], GiveUp, "the person's profile is not available to this app"),
    row(&[SubcodeIn(2018389, 2018396)], GiveUp, "check the requirements of the calling API"),
    row(&[Subcode(2018144), Subcode(2018154), Subcode(2018163), Subcode(2018166), SubcodeIn(2071000, 2071099)], GiveUp, "games and Messenger Extensions are not open to this call"),
    row(&[Pair(100, 33)], GiveUp, "the object does not exist, or this token may not see it: check the Page id, and that the token is of the same Page"),

    // By code alone
    row(&[Code(102), Code(190)], RenewToken, "the access token is not valid any more: generate a new one in the app's Messenger API settings and set MESSENGER_ACCESS_TOKEN"),
    row(&[Subcode(2018024), Subcode(2018012), Code(1200), Code(-1)], Retry, "a passing fault on the platform's side: repeat the call after a pause"),
    row(&[Code(1), Code(2)], Retry, "a fault on the platform's side, mostly a passing one: repeat the call after a pause"),
    row(&[Code(4), Code(17), Code(32), Code(613), CodeIn(80000, 80009)], RetryLater, "too many calls: slow down, each call made now lengthens the wait").of_account(),
    row(&[Code(341), Code(368)], RetryLater, "blocked for now, for too many calls or against a policy: see the app's alerts in Meta's dashboard").of_account(),
    row(&[Code(3), Code(10), CodeIn(200, 299)], GiveUp, "a permission is missing: the token needs pages_messaging (Instagram: instagram_manage_messages), and before App Review only people with a role in the app can be written to").cannot_take(),
    row(&[Code(100)], GiveUp, "a parameter is not accepted: the message says which"),
    row(&[Code(506)], GiveUp, "the same was sent already: change it"),
    row(&[Code(2022)], GiveUp, "commerce messages are turned off for this Page"),
    row(&[Code(10303)], GiveUp, "the account_linking_token has expired: it is valid for 5 minutes"),
    row(&[Code(24001), Code(24002), Code(24005)], GiveUp, "check the requirements of payments"),
    row(&[Code(36103)], GiveUp, "the Instagram account has to be a professional one"),
    row(&[Code(9_000_001)], GiveUp, "the message was deleted or is not among the newest 20 of its thread"),
];

/// Looks up an error in the table.
pub(super) fn look_up(code: i64, subcode: Option<i64>) -> Option<&'static AdviceRow> {
    TABLE
        .iter()
        .find(|row| row.errors.iter().any(|is| is.matches(code, subcode)))
}

/// The HTTP status of a call beyond a limit.
pub(super) const TOO_MANY_CALLS: u16 = 429;

/// Advice for a response that is not in the table.
pub(super) const fn by_status(status: u16) -> Advice {
    match status {
        TOO_MANY_CALLS => RetryLater,
        408 | 500..=599 => Retry,
        _ => GiveUp,
    }
}
