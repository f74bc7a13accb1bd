-- The journal of a bot, version 1. Times are milliseconds since 1970, UTC.
-- A thread is an account (Page or Instagram professional account) and a person (PSID or IGSID);
-- events that belong to the account as a whole have an empty person, and those of a website's visitor
-- without an id have `user_ref:` and the website's name for them.

-- What was received, and the bot's own timers, in the order of arrival.
CREATE TABLE event (
  sequence    INTEGER PRIMARY KEY,        -- order of arrival
  account     TEXT NOT NULL,
  person      TEXT NOT NULL,
  kind        TEXT NOT NULL,              -- such as message or pass_thread_control
  channel     TEXT NOT NULL,              -- messaging or standby
  content     TEXT NOT NULL,              -- JSON: the event as it was received
  received_at INTEGER NOT NULL,
  attempts    INTEGER NOT NULL DEFAULT 0, -- how often a handler has failed on it
  due         INTEGER NOT NULL DEFAULT 0, -- not before this time
  held        INTEGER NOT NULL DEFAULT 0, -- 1: until the bot may speak in the thread, or until it is due
  settled_at  INTEGER,                    -- NULL: it waits
  outcome     TEXT                        -- handled, superseded or failed
) STRICT;

-- By what each event is recognised if it comes again: the first 16 bytes of a SHA-256.
-- One table is filled at a time; the oldest is emptied when its turn comes again.
CREATE TABLE seen_0 (key BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE seen_1 (key BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE seen_2 (key BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE seen_3 (key BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;

-- The newest of these keys, in the order of arrival, before they are sorted into the table that is
-- filled. Each row holds all keys of one commit, one after the other.
CREATE TABLE seen_newest (keys BLOB NOT NULL) STRICT;

-- What is kept of each thread.
CREATE TABLE thread (
  account          TEXT NOT NULL,
  person           TEXT NOT NULL,
  session          TEXT,                        -- JSON: the bot's own memory
  session_version  INTEGER NOT NULL DEFAULT 0,  -- how often it was written
  owner            TEXT NOT NULL DEFAULT 'unknown', -- unknown, bot, nobody or other
  owner_app        TEXT,                        -- the app id, if it is another and known
  owner_since      INTEGER NOT NULL DEFAULT 0,
  owner_seen_at    INTEGER NOT NULL DEFAULT 0,
  owner_as_of      INTEGER NOT NULL DEFAULT 0,  -- the last event (sequence) known by then
  owner_confirmed_at INTEGER NOT NULL DEFAULT 0, -- events from before that show no owner
  person_wrote_at  INTEGER,                     -- opens the 24-hour messaging window
  messaged_at      INTEGER,                     -- the person's last message
  began_at         INTEGER,                     -- the person began the conversation, nobody answered yet
  may_have_missed  INTEGER NOT NULL DEFAULT 0,  -- 1: the person may have written unheard since
  paused_until     INTEGER,                     -- the bot's own silence beside a human
  paused_by        TEXT,                        -- the echo for which, as its dedupe key
  paused_before    INTEGER,                     -- until when it was paused before that echo
  paused_spares    INTEGER NOT NULL DEFAULT 0,  -- calls up to this id are sent all the same
  away_since       INTEGER,                     -- another owner's time that no handler has heard of yet
  away_from        TEXT,                        -- that owner's app id
  away_turn        INTEGER,                     -- the number of the first turn in it
  idle_after       INTEGER,                     -- taken back when the agent is silent for so long, in ms
  reclaiming       TEXT,                        -- the timer that has asked for the thread
  changed_at       INTEGER NOT NULL DEFAULT 0,  -- when anything of this was written last
  PRIMARY KEY (account, person)
) STRICT, WITHOUT ROWID;

-- What was said in each thread: all of it where the bot keeps a history, otherwise what was said while
-- another app had the thread, until a handler has heard of it.
CREATE TABLE turn (
  account     TEXT NOT NULL,
  person      TEXT NOT NULL,
  number      INTEGER NOT NULL,
  at          INTEGER NOT NULL,
  speaker     TEXT NOT NULL,                    -- person, bot, agent or app
  app         TEXT,                             -- the app of an agent or app, where it is known
  text        TEXT NOT NULL,
  attachments TEXT,                             -- JSON
  mid         TEXT,                             -- the id of the message, if it has one
  is_edited   INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (account, person, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX turn_at ON turn (at);

-- The outbox: calls of the Graph API that are still to be made, oldest first in each thread; and
-- notices to colleagues, which calls do not wait for.
CREATE TABLE call (
  id         INTEGER PRIMARY KEY,
  account    TEXT NOT NULL,
  person     TEXT NOT NULL,
  object     TEXT NOT NULL,                     -- page or instagram
  name       TEXT NOT NULL,                     -- such as messages or pass_thread_control
  control    TEXT NOT NULL,                     -- keeps, gives (it away) or brings (it back)
  reclaims   TEXT,                              -- the timer on whose behalf it brings the thread back
  timers     TEXT,                              -- JSON: the timers that begin once it has given the thread away
  notifier   TEXT,                              -- of a notice: the name of the notifier that it goes to
  request    TEXT NOT NULL,                     -- JSON: the call
  reference  TEXT NOT NULL,                     -- the bot's own name for it, sent as metadata
  outcome    INTEGER NOT NULL DEFAULT 0,        -- the outcome that it is a part of; 0: none
  quiet      INTEGER NOT NULL DEFAULT 0,        -- 1: no handler takes its failure
  ended      TEXT,                              -- JSON: why it is not sent, as one before it was refused
  receipt    INTEGER,                           -- the receipt that says what becomes of it
  holds      INTEGER NOT NULL DEFAULT 0,        -- 1: it waits while somebody else speaks in the thread
  expires_at INTEGER,                           -- given up unless it is sent by then
  otherwise  TEXT,                              -- JSON: what is sent once the messaging window is closed
  state      TEXT NOT NULL DEFAULT 'waiting',   -- waiting, started or confirmed (by its echo)
  uncertain  INTEGER NOT NULL DEFAULT 0,        -- 1: an earlier attempt may have gone through
  attempts   INTEGER NOT NULL DEFAULT 0,
  due        INTEGER NOT NULL DEFAULT 0,        -- not before this time
  started_at INTEGER NOT NULL DEFAULT 0,        -- when it was made last
  created_at INTEGER NOT NULL
) STRICT;

-- What was sent from outside a handler, and what has become of it.
CREATE TABLE receipt (
  number     INTEGER PRIMARY KEY AUTOINCREMENT, -- no two ever have the same
  account    TEXT NOT NULL,
  person     TEXT NOT NULL,
  id         TEXT NOT NULL,                     -- the sender's name for it
  signal     TEXT,                              -- the signal's name; NULL: a message
  digest     BLOB NOT NULL,                     -- of its content: the first 16 bytes of a SHA-256
  status     TEXT NOT NULL DEFAULT 'waiting',   -- waiting, held, handled, sent or failed
  detail     TEXT,                              -- JSON: the message's id, or why it failed
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  UNIQUE (account, person, id)
) STRICT;
CREATE INDEX receipt_changed ON receipt (changed_at) WHERE status NOT IN ('waiting', 'held');

-- Timers of threads. One that runs out becomes an event.
CREATE TABLE timer (
  account TEXT NOT NULL,
  person  TEXT NOT NULL,
  name    TEXT NOT NULL,
  due     INTEGER NOT NULL,
  event   TEXT NOT NULL,                        -- JSON: the event that it becomes
  PRIMARY KEY (account, person, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX timer_due ON timer (due);

-- What could not be handled or sent.
CREATE TABLE dead_letter (
  id      INTEGER PRIMARY KEY AUTOINCREMENT,    -- no two ever have the same
  account TEXT NOT NULL,
  person  TEXT NOT NULL,
  kind    TEXT NOT NULL,                        -- event, call or notice
  content TEXT NOT NULL,                        -- JSON
  cause   TEXT NOT NULL,
  at      INTEGER NOT NULL
) STRICT;

-- Accounts for which sending is paused, because the platform limits them.
CREATE TABLE pause (
  account TEXT PRIMARY KEY,
  until   INTEGER NOT NULL,
  reason  TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- Requests to delete a person's data. Who that is goes when it is done.
CREATE TABLE deletion (
  code         TEXT PRIMARY KEY,                -- the confirmation code
  user         TEXT,                            -- the person's id at the app, until it is done
  requested_at INTEGER NOT NULL,
  done_at      INTEGER
) STRICT, WITHOUT ROWID;

-- Facts about the journal itself. 'echoes of ACCOUNT' is there once an echo of the bot's own
-- has been seen on the account; its value is when.
CREATE TABLE meta (
  name  TEXT PRIMARY KEY,
  value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES
  ('clean', 1),       -- 0 while a bot is at work; 0 at the start means that one was killed
  ('seen_table', 0),  -- the table seen_N that is filled now
  ('seen_since', 0),  -- since when
  ('settled_before', 0); -- no event with a lower sequence waits
