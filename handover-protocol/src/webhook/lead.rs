//! Answers in a Lead Ad.

use crate::lenient::wire_object;

wire_object! {
    /// The answers of a person in a Lead Ad; accompanies a referral of the type `LEAD_COMPLETE` or
    /// `LEAD_INCOMPLETE`.
    ///
    /// ```json
    /// {"data":[{"question":"What is your name?","answer":"Ana"}]}
    /// ```
    ///
    /// ```
    /// use handover_protocol::Event;
    ///
    /// let event: Event = serde_json::from_str(
    ///     r#"{"referral":{"type":"LEAD_COMPLETE"},"lead":{"data":[{"question":"Name?","answer":"Ana"}]}}"#,
    /// )?;
    /// assert_eq!(event.lead().unwrap().data[0].answer.as_deref(), Some("Ana"));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct Lead {
        /// The answers, in order.
        pub data: Vec<LeadAnswer>,
    }
}

wire_object! {
    /// One answer in a Lead Ad.
    ///
    /// ```json
    /// {"question":"What is your name?","answer":"Ana"}
    /// ```
    pub struct LeadAnswer {
        /// Question.
        pub question: Option<String>,
        /// Answer.
        pub answer: Option<String>,
    }
}
