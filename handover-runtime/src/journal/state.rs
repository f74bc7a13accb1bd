//! State of a thread.

use std::time::Duration;

use handover_protocol::{AppId, Channel, EventBody, Received, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::history::{HistoryRule, Kept, ThreadHistory, TurnChange};
use super::turn::Turn;
use crate::event_time::EventTime;
use crate::graph::Call;
use crate::internal_event::ReclaimTimer;
use crate::ownership::{self, EventEffect, KnownThread, OwnershipRules, PauseUpdate};
use crate::thread::{KnownOwner, Owner, Ownership, Window};

/// State of a thread.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ThreadState {
    /// Session, if one was stored.
    pub session: Option<Value>,
    /// Who owns it, and how the bot knows.
    pub(crate) ownership: KnownOwner,
    /// Time of the person's last action that opens the messaging window.
    pub person_wrote_at: Option<Timestamp>,
    /// Time of the person's last message.
    pub(crate) messaged_at: Option<Timestamp>,
    /// When the person began the conversation by that, until anybody answers.
    pub(crate) began_at: Option<Timestamp>,
    /// Whether the person may have written since without the bot hearing of it: the thread was
    /// another app's, and nothing came on standby.
    pub(crate) may_have_missed: bool,
    /// The bot's own silence beside a human. Says nothing of the owner.
    pub(crate) pause: Option<ThreadPause>,
    /// The time with another owner, until a handler has taken it.
    pub(crate) away: Option<AwayPeriod>,
    /// After which silence of the agent the thread is taken back.
    pub(crate) idle_after: Option<Duration>,
    /// The timer that asked for the thread and has not got it yet.
    pub(crate) reclaiming: Option<ReclaimTimer>,
    /// What was said in it.
    pub(crate) history: ThreadHistory,
}

/// A pause of the bot in one thread.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ThreadPause {
    /// Until when.
    pub(crate) until: Timestamp,
    /// Dedupe key of the echo for which the bot paused; `None` for a requested pause.
    pub(crate) echo: Option<String>,
    /// Until when it was paused before that, should the echo turn out to be the bot's own.
    pub(crate) before: Option<Timestamp>,
    /// Calls up to this number belong before the pause, and are sent all the same.
    pub(crate) spares: u64,
}

/// A time with another owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AwayPeriod {
    /// Since when.
    pub(crate) since: Timestamp,
    /// The app that had the thread, where it is known.
    pub(crate) from: Option<AppId>,
    /// The number of the first turn in it.
    pub(crate) first_turn: u64,
}

impl ThreadState {
    /// What the rules of ownership have to know.
    pub(crate) fn known(&self) -> KnownThread<'_> {
        KnownThread {
            ownership: &self.ownership,
            is_away: self.is_away(),
            paused_until: self.paused_until(),
            began_at: self.began_at,
        }
    }

    /// Whether another app owns it, or had it last and may still.
    pub(crate) fn is_away(&self) -> bool {
        match &self.ownership.owner {
            Owner::Other(_) => true,
            Owner::Unknown => self.away.is_some(),
            Owner::Bot | Owner::Nobody => false,
        }
    }

    /// The owner, if it is another app or may still be.
    pub(crate) fn away(&self) -> Option<KnownOwner> {
        let known = &self.ownership;
        match &self.away {
            _ if !self.is_away() => None,
            None => Some(known.clone()),
            Some(away) => Some(KnownOwner {
                owner: match &known.owner {
                    named @ Owner::Other(Some(_)) => named.clone(),
                    _ => Owner::Other(away.from.clone()),
                },
                since: away.since,
                ..known.clone()
            }),
        }
    }

    /// Whether nobody else is known to own the thread or to answer in it.
    pub(crate) fn may_speak(&self, now: Timestamp) -> bool {
        let known = self.known();
        known.ownership.other_owner(now).is_none() && !known.is_paused(now)
    }

    /// Whether the app that the thread is to be passed to owns it already: an agent was quicker.
    pub(crate) fn target_has_it(&self, call: &Call, now: Timestamp) -> bool {
        match (call, self.ownership.other_owner(now)) {
            (Call::PassThreadControl(pass), Some(Owner::Other(Some(owner)))) => {
                pass.target_app_id.as_ref() == Some(owner)
            }
            _ => false,
        }
    }

    /// When the bot may speak again, if nothing happens by then.
    pub(crate) fn may_speak_at(&self) -> Timestamp {
        let owned = match self.ownership.owner {
            Owner::Other(_) => self.ownership.expires_at(),
            Owner::Unknown | Owner::Bot | Owner::Nobody => Timestamp::UNIX_EPOCH,
        };
        owned.max(self.paused_until().unwrap_or(Timestamp::UNIX_EPOCH))
    }

    /// Until when somebody may answer, as of this time.
    pub(crate) fn window(&self, now: Timestamp) -> Window {
        let wrote_at = self.person_wrote_at.filter(|_| !self.may_have_missed);
        Window::since(wrote_at, now)
    }

    /// Who may speak, as of this time.
    pub(crate) fn ownership_at(&self, now: Timestamp) -> Ownership {
        let known = match &self.ownership.owner {
            Owner::Other(_) if self.ownership.has_expired(now) => Ownership::default(),
            _ => self.ownership(),
        };
        Ownership {
            paused_until: self.paused_until().filter(|until| *until > now),
            ..known
        }
    }

    /// Owner of the thread, and end of the pause beside a human, which may be in the past.
    #[must_use]
    pub fn ownership(&self) -> Ownership {
        let KnownOwner { owner, since, .. } = &self.ownership;
        Ownership {
            owner: owner.clone(),
            since: (*owner != Owner::Unknown).then_some(*since),
            paused_until: self.paused_until(),
        }
    }

    /// End of the pause beside a human; may be in the past.
    #[must_use]
    pub fn paused_until(&self) -> Option<Timestamp> {
        self.pause.as_ref().map(|pause| pause.until)
    }

    /// Evaluates an event that happened at this time, and returns what it changes.
    pub(crate) fn see(
        &self,
        received: &Received,
        time: &EventTime,
        key: impl FnOnce() -> String,
        rules: &OwnershipRules,
    ) -> (EventEffect, ThreadChange) {
        let body = &received.event.body;
        let seen = ownership::seen(received, time, &self.known(), rules);
        let owner = seen.owner.clone();
        let is_from_the_person = ownership::opens_window(body);
        let mut change = ThreadChange {
            ownership: owner.map(|owner| self.ownership.seen_in(owner, received, time)),
            hears: (received.channel == Channel::Standby || is_from_the_person)
                && !self.ownership.is_newer_than(time),
            ..ThreadChange::default()
        };
        if is_from_the_person {
            change.person_wrote_at = Some(time.at);
            let messaged_at = self.messaged_at;
            change.begins =
                ownership::begins_conversation(body, time.at, messaged_at, self.person_wrote_at);
            change.is_message = matches!(body, EventBody::Message(_));
        }
        if seen.human || seen.instant_reply {
            change.is_answered = self.began_at.is_some();
        }
        change.pause = match seen.pause {
            Some(PauseUpdate::Until(until)) => Some(PauseChange::Begins {
                until,
                echo: matches!(body, EventBody::Echo(_)).then(key),
                spares: None,
            }),
            Some(PauseUpdate::Ends) if self.pause.is_some() => Some(PauseChange::Ends),
            _ => None,
        };
        (seen, change)
    }

    pub(crate) fn apply(&mut self, change: &ThreadChange) {
        if change.session.is_some() {
            self.session.clone_from(&change.session);
        }
        if let Some(ownership) = &change.ownership {
            self.learn(ownership.clone());
        }
        if change.hears {
            self.may_have_missed = false;
        }
        if change.is_answered {
            self.began_at = None;
        }
        if change.begins {
            self.began_at = change.person_wrote_at;
        } else if change.person_wrote_at.is_some() {
            self.began_at = None;
        }
        if change.is_message {
            self.messaged_at = self.messaged_at.max(change.person_wrote_at);
        }
        self.person_wrote_at = self.person_wrote_at.max(change.person_wrote_at);
        if let Some(pause) = &change.pause {
            self.pause = pause.after(self.pause.take());
        }
        change.idle_after.apply_to(&mut self.idle_after);
        change.reclaiming.apply_to(&mut self.reclaiming);
        if change.forgets_away {
            self.away = None;
        }
    }

    /// What was said in the thread, oldest first, as far as the bot keeps it: see
    /// [`Bot::history`](crate::Bot::history).
    pub fn history(&self) -> impl Iterator<Item = &Turn> {
        self.history.iter()
    }

    /// What was said since another owner has or had the thread, until a handler has heard of it.
    pub(crate) fn said_while_away(&self) -> impl Iterator<Item = &Turn> {
        let away = self.away.as_ref();
        self.history
            .since_number(away.map_or(u64::MAX, |away| away.first_turn))
    }

    /// Takes over what was said, edited and deleted by this change, after it was
    /// [applied](Self::apply). Gives the turns that change.
    pub(crate) fn update_history(
        &mut self,
        change: &ThreadChange,
        rule: &HistoryRule,
        now: Timestamp,
    ) -> Vec<TurnChange> {
        let away = self.away.as_ref().map(|away| away.first_turn);
        let is_away = away.is_some() && self.is_away();
        let kept = Kept {
            from: if rule.only_while_away {
                away.unwrap_or(u64::MAX)
            } else {
                0
            },
            takes_new: is_away || !rule.only_while_away,
            first_new: away.unwrap_or_default(),
            since: now - rule.limits.keep,
            most: rule.limits.turns,
        };
        self.history.update(change, kept)
    }

    fn learn(&mut self, later: KnownOwner) {
        let was_other = matches!(self.ownership.owner, Owner::Other(_));
        let was_away = self.is_away();
        self.ownership.learn(later);
        match &self.ownership.owner {
            Owner::Bot => {}
            Owner::Unknown | Owner::Nobody => self.may_have_missed |= was_other,
            Owner::Other(app) => {
                if was_away && let Some(away) = &mut self.away {
                    away.from = app.clone().or(away.from.take());
                    self.may_have_missed |= !was_other;
                    return;
                }
                self.may_have_missed = true;
                self.away = Some(AwayPeriod {
                    since: self.ownership.since,
                    from: app.clone(),
                    first_turn: self.history.next_number(),
                });
            }
        }
    }
}

/// What changes in what is kept of a thread. The default changes nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct ThreadChange {
    /// The new session.
    pub(crate) session: Option<Value>,
    /// What was seen of the owner, unless something later is known.
    pub(crate) ownership: Option<KnownOwner>,
    /// When the person did something that opens the messaging window.
    pub(crate) person_wrote_at: Option<Timestamp>,
    /// Whether that was a message.
    pub(crate) is_message: bool,
    /// Whether that begins a conversation.
    pub(crate) begins: bool,
    /// Whether the message that began the conversation was answered.
    pub(crate) is_answered: bool,
    /// Whether the bot receives the person's messages.
    pub(crate) hears: bool,
    /// Change of the pause.
    pub(crate) pause: Option<PauseChange>,
    /// A new time of silence after which the thread is taken back, or none.
    pub(crate) idle_after: Update<Duration>,
    /// The timer that has asked for the thread, or none any more.
    pub(crate) reclaiming: Update<ReclaimTimer>,
    /// What was said, in order.
    pub(crate) said: Vec<Turn>,
    /// Messages that were edited, by their `mid`, and what they say now.
    pub(crate) edited: Vec<(String, String)>,
    /// Messages that were deleted, by their `mid`: what they said is forgotten.
    pub(crate) deleted: Vec<String>,
    /// Whether a handler has taken the time with another owner and its transcript.
    pub(crate) forgets_away: bool,
}

/// Change of an optional value. Default: unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Update<T> {
    /// It stays as it is.
    #[default]
    Keep,
    /// It becomes this.
    Set(T),
    /// It becomes absent.
    Clear,
}

impl<T> Update<T> {
    pub(crate) fn apply_to(&self, value: &mut Option<T>)
    where
        T: Clone,
    {
        match self {
            Self::Keep => {}
            Self::Set(new) => *value = Some(new.clone()),
            Self::Clear => *value = None,
        }
    }

    fn merge(&mut self, later: Self) {
        if !matches!(later, Self::Keep) {
            *self = later;
        }
    }
}

/// `None` makes it absent.
impl<T> From<Option<T>> for Update<T> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Clear, Self::Set)
    }
}

/// Change of a pause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PauseChange {
    /// It begins, or restarts.
    Begins {
        /// Until when.
        until: Timestamp,
        /// The echo for which, by its dedupe key.
        echo: Option<String>,
        /// How many calls of the same settlement belong before it, and with them all that were there
        /// before; `None`: none at all.
        spares: Option<u64>,
    },
    /// It ends.
    Ends,
    /// This echo was no human's.
    WasOwn {
        /// Its dedupe key.
        echo: String,
    },
}

impl PauseChange {
    fn after(&self, before: Option<ThreadPause>) -> Option<ThreadPause> {
        match self {
            Self::Begins {
                until,
                echo,
                spares,
            } => match before {
                // A human's message does not shorten a requested pause.
                Some(longer) if echo.is_some() && longer.until >= *until => Some(longer),
                before => Some(ThreadPause {
                    until: *until,
                    echo: echo.clone(),
                    before: before.map(|pause| pause.until),
                    spares: spares.unwrap_or(0),
                }),
            },
            Self::Ends => None,
            Self::WasOwn { echo } => match before {
                Some(pause) if pause.echo.as_ref() == Some(echo) => {
                    pause.before.map(|until| ThreadPause {
                        until,
                        ..ThreadPause::default()
                    })
                }
                before => before,
            },
        }
    }
}

impl ThreadChange {
    /// A change of the pause alone.
    pub(crate) fn of_pause(pause: PauseChange) -> Self {
        Self {
            pause: Some(pause),
            ..Self::default()
        }
    }

    /// Whether the bot may send again because of this change.
    pub(crate) fn gives_control(&self, known: &KnownOwner) -> bool {
        let owns = self.ownership.is_some() && !matches!(known.owner, Owner::Other(_));
        let ends = matches!(
            self.pause,
            Some(PauseChange::Ends | PauseChange::WasOwn { .. })
        );
        owns || ends
    }

    /// Adds what another event or a handler changes, after this.
    pub(crate) fn merge(&mut self, later: Self) {
        self.session = later.session.or(self.session.take());
        // What the platform was asked for weighs more than what an event suggests.
        self.ownership = self.ownership.take().or(later.ownership);
        self.person_wrote_at = later.person_wrote_at.or(self.person_wrote_at);
        self.is_message |= later.is_message;
        self.begins |= later.begins;
        self.is_answered |= later.is_answered;
        self.hears |= later.hears;
        self.pause = later.pause.or(self.pause.take());
        self.idle_after.merge(later.idle_after);
        self.reclaiming.merge(later.reclaiming);
        self.said.extend(later.said);
        self.edited.extend(later.edited);
        self.deleted.extend(later.deleted);
        self.forgets_away |= later.forgets_away;
    }

    /// Counts the spared calls from the last call of the outbox on.
    pub(crate) fn numbered(&mut self, last_call: u64) {
        if let Some(PauseChange::Begins {
            spares: Some(spares),
            ..
        }) = &mut self.pause
        {
            *spares += last_call;
        }
    }

    /// Removes the pause for a human's message: it was the bot's own.
    pub(crate) fn remove_echo_pause(&mut self) {
        let of_an_echo =
            |pause: &mut PauseChange| matches!(pause, PauseChange::Begins { echo: Some(_), .. });
        self.pause.take_if(of_an_echo);
    }

    pub(crate) fn is_nothing(&self) -> bool {
        *self == Self::default()
    }
}
