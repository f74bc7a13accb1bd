//! Questions about how content people are.

use crate::lenient::{always, wire_object};
use crate::limit::{Limit, checked, each};

wire_object! {
    /// A question about how content the person is. Its answer comes as a
    /// [`Feedback`](crate::Feedback).
    ///
    /// ```json
    /// {"title":"How was it?","subtitle":"Tell us","button_title":"Rate","feedback_screens":[
    ///  {"questions":[{"id":"hauydmns8","type":"csat","title":"How content are you?"}]}],
    ///  "business_privacy":{"url":"https://example.com/privacy"},"expires_in_days":3}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{CustomerFeedbackTemplate, FeedbackQuestion};
    ///
    /// let question = FeedbackQuestion::new("stars", "csat", "How content are you?");
    /// let template =
    ///     CustomerFeedbackTemplate::new("How was it?", question, "https://example.com/privacy");
    /// assert!(template.check().is_ok());
    /// ```
    ///
    /// Limits: [`FEEDBACK_TITLE`](crate::limits::FEEDBACK_TITLE),
    /// [`FEEDBACK_SUBTITLE`](crate::limits::FEEDBACK_SUBTITLE),
    /// [`FEEDBACK_BUTTON_TITLE`](crate::limits::FEEDBACK_BUTTON_TITLE),
    /// [`EXPIRES_IN_DAYS`](crate::limits::EXPIRES_IN_DAYS).
    pub struct CustomerFeedbackTemplate {
        /// The title.
        pub title: String => always,
        /// Subtitle.
        pub subtitle: Option<String>,
        /// Title of the button.
        pub button_title: Option<String>,
        /// Exactly one.
        pub feedback_screens: Vec<FeedbackScreen> => always,
        /// Privacy policy of the business.
        pub business_privacy: Option<BusinessPrivacy>,
        /// Days in which it can be answered. Default: 1.
        pub expires_in_days: Option<u32>,
    }
}

wire_object! {
    /// A screen of a [`CustomerFeedbackTemplate`].
    ///
    /// ```json
    /// {"questions":[{"id":"hauydmns8","type":"csat","title":"How content are you?"}]}
    /// ```
    pub struct FeedbackScreen {
        /// Exactly one.
        pub questions: Vec<FeedbackQuestion> => always,
    }
}

wire_object! {
    /// A question of a [`CustomerFeedbackTemplate`].
    ///
    /// ```json
    /// {"id":"hauydmns8","type":"csat","title":"How content are you?","score_label":"neg_pos",
    ///  "score_option":"five_stars","follow_up":{"type":"free_form","placeholder":"Tell us more"}}
    /// ```
    ///
    /// Limits: [`FEEDBACK_QUESTION_ID`](crate::limits::FEEDBACK_QUESTION_ID),
    /// [`FEEDBACK_QUESTION_TITLE`](crate::limits::FEEDBACK_QUESTION_TITLE),
    /// [`FEEDBACK_QUESTION_TITLE_LEAST`](crate::limits::FEEDBACK_QUESTION_TITLE_LEAST).
    pub struct FeedbackQuestion {
        /// The id under which the answer comes: letters, digits and `_`.
        pub id: String => always,
        /// `type`: `csat`, `nps`, `ces` or `free_form`.
        pub kind: String as "type" => always,
        /// The question.
        pub title: String => always,
        /// Labels at the ends of the scale.
        pub score_label: Option<String>,
        /// Kind of scale.
        pub score_option: Option<String>,
        /// Additional question.
        pub follow_up: Option<FeedbackFollowUp>,
    }
}

wire_object! {
    /// Additional question.
    ///
    /// ```json
    /// {"type":"free_form","placeholder":"Tell us more"}
    /// ```
    pub struct FeedbackFollowUp {
        /// `type`: `free_form`.
        pub kind: String as "type" => always,
        /// Placeholder of the field.
        pub placeholder: Option<String>,
    }
}

wire_object! {
    /// Privacy policy of the business.
    ///
    /// ```json
    /// {"url":"https://example.com/privacy"}
    /// ```
    pub struct BusinessPrivacy {
        /// The page.
        pub url: String => always,
    }
}

impl CustomerFeedbackTemplate {
    /// This question, with the page that says what is done with the answer.
    pub fn new(
        title: impl Into<String>,
        question: FeedbackQuestion,
        privacy_url: impl Into<String>,
    ) -> Self {
        Self {
            title: title.into(),
            feedback_screens: vec![FeedbackScreen {
                questions: vec![question],
                ..Default::default()
            }],
            business_privacy: Some(BusinessPrivacy {
                url: privacy_url.into(),
                ..Default::default()
            }),
            ..Self::default()
        }
    }
}

impl FeedbackQuestion {
    /// A question of the kind `csat`, `nps`, `ces` or `free_form`.
    pub fn new(id: impl Into<String>, kind: impl Into<String>, title: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            kind: kind.into(),
            title: title.into(),
            ..Self::default()
        }
    }
}

checked!(CustomerFeedbackTemplate: |template| {
    Limit::FeedbackTitle.characters("title", &template.title)?;
    Limit::FeedbackSubtitle.characters("subtitle", &template.subtitle)?;
    Limit::FeedbackButtonTitle.characters("button_title", &template.button_title)?;
    Limit::FeedbackScreens.count("feedback_screens", &template.feedback_screens)?;
    each("feedback_screens", &template.feedback_screens, FeedbackScreen::check)?;
    let days = template.expires_in_days.unwrap_or(1);
    Limit::ExpiresInDays.check("expires_in_days", days.into())
});

checked!(FeedbackScreen: |screen| {
    Limit::FeedbackQuestions.count("questions", &screen.questions)?;
    each("questions", &screen.questions, FeedbackQuestion::check)
});

checked!(FeedbackQuestion: |question| {
    let is_odd = |char: &char| !(char.is_ascii_alphanumeric() || *char == '_');
    let odd = question.id.chars().filter(is_odd).count() as u64;
    Limit::FeedbackQuestionIdOdd.check("id", odd)?;
    Limit::FeedbackQuestionId.characters("id", &question.id)?;
    Limit::FeedbackQuestionTitle.characters("title", &question.title)
});
