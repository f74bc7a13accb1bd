//! Instant Games.

use crate::lenient::wire_object;

wire_object! {
    /// A person played a round of an Instant Game.
    ///
    /// ```json
    /// {"game_id":"G","player_id":"P","locale":"en_US","context_type":"SOLO","context_id":"C",
    ///  "score":55,"payload":"{}"}
    /// ```
    ///
    /// ```
    /// use handover_protocol::GamePlay;
    ///
    /// let play: GamePlay = serde_json::from_str(r#"{"game_id":"G","context_id":666,"score":55}"#)?;
    /// assert_eq!((play.context_id.as_deref(), play.score), (Some("666"), Some(55)));
    /// # Ok::<(), serde_json::Error>(())
    /// ```
    pub struct GamePlay {
        /// The game.
        pub game_id: Option<String>,
        /// The person, as the game knows them.
        pub player_id: Option<String>,
        /// The language of the person, such as `en_US`.
        pub locale: Option<String>,
        /// Kind of opponent: `SOLO`, `THREAD` or `GROUP`.
        pub context_type: Option<String>,
        /// The thread or group; in a solo game often absent.
        pub context_id: Option<String>,
        /// The best score of the round.
        pub score: Option<i64>,
        /// Data from the game for the bot.
        pub payload: Option<String>,
    }
}
