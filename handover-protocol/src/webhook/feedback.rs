//! Feedback on the business, and on single messages.

use std::collections::BTreeMap;

use crate::lenient::wire_object;

wire_object! {
    /// A person answered a customer feedback template.
    ///
    /// ```json
    /// {"feedback_screens":[{"screen_id":0,"questions":{"hauydmns8":{"type":"csat","payload":"4",
    ///  "follow_up":{"type":"free_form","payload":"Great"}}}}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Feedback;
    ///
    /// let feedback: Feedback = serde_json::from_str(
    ///     r#"{"feedback_screens":[{"screen_id":0,"questions":{"stars":{"type":"csat","payload":"4"}}}]}"#,
    /// )?;
    /// assert_eq!(feedback.answer("stars").unwrap().payload.as_deref(), Some("4"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Feedback {
        /// The screens of the template; today there is one.
        pub feedback_screens: Vec<FeedbackAnswers>,
    }
}

impl Feedback {
    /// The answer to the question with this id.
    pub fn answer(&self, question: &str) -> Option<&FeedbackAnswer> {
        self.feedback_screens
            .iter()
            .find_map(|screen| screen.questions.get(question))
    }
}

wire_object! {
    /// The answers on one screen of a customer feedback template.
    ///
    /// ```json
    /// {"screen_id":0,"questions":{"hauydmns8":{"type":"csat","payload":"4"}}}
    /// ```
    pub struct FeedbackAnswers {
        /// Which screen, from 0.
        pub screen_id: Option<u32>,
        /// The answers, by the ids of the questions.
        pub questions: BTreeMap<String, FeedbackAnswer>,
    }
}

wire_object! {
    /// The answer to one question of a customer feedback template.
    ///
    /// ```json
    /// {"type":"csat","payload":"4","follow_up":{"type":"free_form","payload":"Great"}}
    /// ```
    pub struct FeedbackAnswer {
        /// `type`: `csat`, `nps`, `ces` or `free_form`.
        pub kind: Option<String> as "type",
        /// The score, or the words.
        pub payload: Option<String>,
        /// Additional answer of the person.
        pub follow_up: Option<FollowUpAnswer>,
    }
}

wire_object! {
    /// Additional answer of a person.
    ///
    /// ```json
    /// {"type":"free_form","payload":"Great"}
    /// ```
    pub struct FollowUpAnswer {
        /// `type`: `free_form`.
        pub kind: Option<String> as "type",
        /// The words.
        pub payload: Option<String>,
    }
}

wire_object! {
    /// A person judged a message of the bot with a thumb.
    ///
    /// ```json
    /// {"feedback":"Good response","mid":"m_1"}
    /// ```
    ///
    /// The thumbs appear beside the bot's messages once the app subscribes to `response_feedback`.
    ///
    /// ```
    /// use handover_protocol::ResponseFeedback;
    ///
    /// let judged: ResponseFeedback =
    ///     serde_json::from_str(r#"{"feedback":"Bad response","mid":"m_1"}"#)?;
    /// assert_eq!(judged.is_good(), Some(false));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct ResponseFeedback {
        /// `Good response` or `Bad response`.
        pub feedback: Option<String>,
        /// The message.
        pub mid: Option<String>,
    }
}

impl ResponseFeedback {
    /// Whether the thumb points up; `None` for another value.
    pub fn is_good(&self) -> Option<bool> {
        match self.feedback.as_deref()? {
            "Good response" => Some(true),
            "Bad response" => Some(false),
            _ => None,
        }
    }
}
