//! Questions to begin with.

use crate::LimitExceeded;
use crate::lenient::wire_object;
use crate::limit::{Limit, each};

wire_object! {
    /// Questions to begin with, for one locale; in the older form one question.
    ///
    /// ```json
    /// {"call_to_actions":[{"question":"Where are you?","payload":"WHERE"}],"locale":"default"}
    /// ```
    /// ```json
    /// {"question":"Where are you?","payload":"WHERE"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::{IceBreaker, IceBreakerQuestion};
    ///
    /// let questions = IceBreaker::new([IceBreakerQuestion::new("Where are you?", "WHERE")]);
    /// assert_eq!(questions.locale.as_deref(), Some("default"));
    /// ```
    pub struct IceBreaker {
        /// The questions.
        pub call_to_actions: Vec<IceBreakerQuestion>,
        /// The locale, such as `en_US`, or `default`.
        pub locale: Option<String>,
        /// The question, in the older form.
        pub question: Option<String>,
        /// Payload, in the older form.
        pub payload: Option<String>,
    }
}

wire_object! {
    /// A question to begin with.
    ///
    /// ```json
    /// {"question":"Where are you?","payload":"WHERE"}
    /// ```
    pub struct IceBreakerQuestion {
        /// The question.
        pub question: Option<String>,
        /// Payload.
        pub payload: Option<String>,
    }
}

impl IceBreaker {
    /// Questions for all locales that have none.
    pub fn new(questions: impl IntoIterator<Item = IceBreakerQuestion>) -> Self {
        Self {
            call_to_actions: questions.into_iter().collect(),
            locale: Some("default".to_owned()),
            ..Self::default()
        }
    }
}

impl IceBreakerQuestion {
    /// A question, and what the bot gets back.
    pub fn new(question: impl Into<String>, payload: impl Into<String>) -> Self {
        Self {
            question: Some(question.into()),
            payload: Some(payload.into()),
            ..Self::default()
        }
    }
}

/// The limit is one of questions: of those of a locale, or in the older form of all.
pub(super) fn check(ice_breakers: &[IceBreaker]) -> Result<(), LimitExceeded> {
    let old = ice_breakers
        .iter()
        .filter(|ice_breaker| ice_breaker.question.is_some());
    Limit::IceBreakers.check("ice_breakers", old.count() as u64)?;
    each("ice_breakers", ice_breakers, |ice_breaker| {
        Limit::IceBreakers.count("call_to_actions", &ice_breaker.call_to_actions)
    })
}
