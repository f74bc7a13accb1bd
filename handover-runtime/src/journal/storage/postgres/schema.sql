-- The journal of a bot, version 1. Times are milliseconds since 1970, UTC, but for leases, which go by the
-- clock of the database. A thread is an account (Page or Instagram professional account) and a person (PSID
-- or IGSID); events that belong to the account as a whole have an empty person, and those of a website's
-- visitor without an id have `user_ref:` and the website's name for them.
--
-- Each thread belongs to a lane, one of 256, by a hash that never changes. A lane is worked by one node.
-- Each table with rows of threads has the lane in its primary key, so that lanes can be spread over servers.

-- The processes that work on this journal. One that does not renew its lease in time is deleted by another,
-- and can commit nothing from then on. A process that comes back has another epoch.
CREATE TABLE {schema}.node (
  epoch      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  name       text NOT NULL,                     -- host and process id
  version    text NOT NULL,                     -- of the bot's framework
  started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires    timestamptz NOT NULL,              -- the end of its lease
  alone      boolean NOT NULL,                  -- no other may join while it is there
  session    bigint NOT NULL DEFAULT 0,         -- raised whenever the node reads its lanes again, or gives some back
  -- So that a change of the session waits for the commits that go by it, and a renewal of the lease does not.
  UNIQUE (epoch, session)
) WITH (fillfactor = 50);

-- Which node works a lane.
CREATE TABLE {schema}.lane (
  lane  smallint PRIMARY KEY,
  epoch bigint,                                 -- the node; NULL: none
  since timestamptz NOT NULL DEFAULT clock_timestamp()
) WITH (fillfactor = 50);
INSERT INTO {schema}.lane (lane) SELECT generate_series(0, 255);
CREATE INDEX lane_epoch ON {schema}.lane (epoch);

-- Accounts for which a node has paused sending: all nodes do.
CREATE TABLE {schema}.pause (
  account text PRIMARY KEY,
  object  text NOT NULL,                        -- page or instagram
  until   timestamptz,                          -- NULL: until there is another access token
  token   text,                                 -- of the token that was refused: the first 8 bytes of a SHA-256
  reason  text NOT NULL,
  since   timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- What a node has accepted for the lane of another one, which takes it up in this order.
CREATE TABLE {schema}.arrival (
  id      bigint GENERATED ALWAYS AS IDENTITY,
  lane    smallint NOT NULL,
  at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  content text NOT NULL,                        -- JSON
  dead_letters bigint NOT NULL DEFAULT 0,       -- how many were deleted with it, which the owner still counts
  PRIMARY KEY (lane, id)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);

-- What a node answers to another, if that waits for it.
CREATE TABLE {schema}.answer (
  name    text PRIMARY KEY,
  at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  content text NOT NULL                         -- JSON
);

-- Events, calls and receipts are numbered in blocks of 1048576. A node takes a block when it gets lanes, so
-- that its numbers are higher than those of the node before it.
CREATE SEQUENCE {schema}.block;

-- What was received, and the bot's own timers.
CREATE TABLE {schema}.event (
  sequence    bigint NOT NULL,                  -- order of arrival within a lane
  lane        smallint NOT NULL,
  account     text NOT NULL,
  person      text NOT NULL,
  kind        text NOT NULL,                    -- such as message or pass_thread_control
  channel     text NOT NULL,                    -- messaging or standby
  content     text NOT NULL,                    -- JSON: the event as it was received
  received_at bigint NOT NULL,
  attempts    integer NOT NULL DEFAULT 0,       -- how often a handler has failed on it
  due         bigint NOT NULL DEFAULT 0,        -- not before this time
  held        boolean NOT NULL DEFAULT false,   -- until the bot may speak in the thread, or until it is due
  settled_at  bigint,                           -- NULL: it waits
  outcome     text,                             -- handled, superseded or failed
  PRIMARY KEY (sequence, lane)
) WITH (fillfactor = 90, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);
CREATE INDEX event_waiting ON {schema}.event (lane, sequence) WHERE settled_at IS NULL;
CREATE INDEX event_thread ON {schema}.event (lane, person, sequence);

-- By what each event is recognised if it comes again: the first 16 bytes of a SHA-256. A partition for each
-- day is dropped when it is too old.
CREATE TABLE {schema}.seen (
  day date NOT NULL,
  key bytea NOT NULL,
  PRIMARY KEY (key, day)
) PARTITION BY RANGE (day);
CREATE TABLE {schema}.seen_other PARTITION OF {schema}.seen DEFAULT;

-- What is kept of each thread.
CREATE TABLE {schema}.thread (
  lane             smallint NOT NULL,
  account          text NOT NULL,
  person           text NOT NULL,
  session          text,                        -- JSON: the bot's own memory
  session_version  bigint NOT NULL DEFAULT 0,   -- how often it was written
  owner            text NOT NULL DEFAULT 'unknown', -- unknown, bot, nobody or other
  owner_app        text,                        -- the app id, if it is another and known
  owner_since      bigint NOT NULL DEFAULT 0,
  owner_seen_at    bigint NOT NULL DEFAULT 0,
  owner_as_of      bigint NOT NULL DEFAULT 0,   -- the last event (sequence) known by then
  owner_confirmed_at bigint NOT NULL DEFAULT 0, -- events from before that show no owner
  person_wrote_at  bigint,                      -- opens the 24-hour messaging window
  messaged_at      bigint,                      -- the person's last message
  began_at         bigint,                      -- the person began the conversation, nobody answered yet
  may_have_missed  boolean NOT NULL DEFAULT false, -- the person may have written unheard since
  paused_until     bigint,                      -- the bot's own silence beside a human
  paused_by        text,                        -- the echo for which, as its dedupe key
  paused_before    bigint,                      -- until when it was paused before that echo
  paused_spares    bigint NOT NULL DEFAULT 0,   -- calls up to this id are sent all the same
  away_since       bigint,                      -- another owner's time that no handler has heard of yet
  away_from        text,                        -- that owner's app id
  away_turn        bigint,                      -- the number of the first turn in it
  idle_after       bigint,                      -- taken back when the agent is silent for so long, in ms
  reclaiming       text,                        -- the timer that has asked for the thread
  changed_at       bigint NOT NULL DEFAULT 0,   -- when anything of this was written last
  PRIMARY KEY (lane, account, person)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0);

-- What was said in each thread: all of it where the bot keeps a history, otherwise what was said while
-- another app had the thread, until a handler has heard of it.
CREATE TABLE {schema}.turn (
  lane        smallint NOT NULL,
  account     text NOT NULL,
  person      text NOT NULL,
  number      bigint NOT NULL,
  at          bigint NOT NULL,
  speaker     text NOT NULL,                    -- person, bot, agent or app
  app         text,                             -- the app of an agent or app, where it is known
  text        text NOT NULL,
  attachments text,                             -- JSON
  mid         text,                             -- the id of the message, if it has one
  is_edited   boolean NOT NULL DEFAULT false,
  PRIMARY KEY (lane, account, person, number)
);
CREATE INDEX turn_at ON {schema}.turn (at);

-- The outbox: calls of the Graph API that are still to be made, oldest first in each thread; and notices to
-- colleagues, which calls do not wait for. There is no index by lane: a row lives for seconds, so it would cost more
-- than it saves. To find the calls of a lane, all of the primary key is read, 40 ms for a million.
CREATE TABLE {schema}.call (
  id         bigint NOT NULL,
  lane       smallint NOT NULL,
  account    text NOT NULL,
  person     text NOT NULL,
  object     text NOT NULL,                     -- page or instagram
  name       text NOT NULL,                     -- such as messages or pass_thread_control
  control    text NOT NULL,                     -- keeps, gives (it away) or brings (it back)
  reclaims   text,                              -- the timer on whose behalf it brings the thread back
  timers     text,                              -- JSON: the timers that begin once it has given the thread away
  notifier   text,                              -- of a notice: the name of the notifier that it goes to
  request    text NOT NULL,                     -- JSON: the call
  reference  text NOT NULL,                     -- the bot's own name for it, sent as metadata
  outcome    bigint NOT NULL DEFAULT 0,         -- the outcome that it is a part of; 0: none
  quiet      boolean NOT NULL DEFAULT false,    -- no handler takes its failure
  ended      text,                              -- JSON: why it is not sent, as one before it was refused
  receipt    bigint,                            -- the receipt that says what becomes of it
  holds      boolean NOT NULL DEFAULT false,    -- it waits while somebody else speaks in the thread
  expires_at bigint,                            -- given up unless it is sent by then
  otherwise  text,                              -- JSON: what is sent once the messaging window is closed
  state      text NOT NULL DEFAULT 'waiting',   -- waiting, started or confirmed (by its echo)
  uncertain  boolean NOT NULL DEFAULT false,    -- an earlier attempt may have gone through
  attempts   integer NOT NULL DEFAULT 0,
  due        bigint NOT NULL DEFAULT 0,         -- not before this time
  started_at bigint NOT NULL DEFAULT 0,         -- when it was made last
  created_at bigint NOT NULL,
  PRIMARY KEY (id, lane)
) WITH (fillfactor = 70, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 20000, autovacuum_vacuum_cost_delay = 0);

-- What was sent from outside a handler, and what has become of it.
CREATE TABLE {schema}.receipt (
  number     bigint NOT NULL,
  lane       smallint NOT NULL,
  account    text NOT NULL,
  person     text NOT NULL,
  id         text NOT NULL,                     -- the sender's name for it
  signal     text,                              -- the signal's name; NULL: a message
  digest     bytea NOT NULL,                    -- of its content: the first 16 bytes of a SHA-256
  status     text NOT NULL DEFAULT 'waiting',   -- waiting, held, handled, sent or failed
  detail     text,                              -- JSON: the message's id, or why it failed
  created_at bigint NOT NULL,
  changed_at bigint NOT NULL,
  PRIMARY KEY (number, lane),
  UNIQUE (lane, account, person, id)
);
CREATE INDEX receipt_changed ON {schema}.receipt (changed_at);

-- Timers of threads. One that runs out becomes an event.
CREATE TABLE {schema}.timer (
  lane    smallint NOT NULL,
  account text NOT NULL,
  person  text NOT NULL,
  name    text NOT NULL,
  due     bigint NOT NULL,
  event   text NOT NULL,                        -- JSON: the event that it becomes
  PRIMARY KEY (lane, account, person, name)
);
CREATE INDEX timer_due ON {schema}.timer (due);

-- What could not be handled or sent.
CREATE TABLE {schema}.dead_letter (
  id      bigint GENERATED ALWAYS AS IDENTITY,
  lane    smallint NOT NULL,
  account text NOT NULL,
  person  text NOT NULL,
  kind    text NOT NULL,                        -- event, call or notice
  content text NOT NULL,                        -- JSON
  cause   text NOT NULL,
  at      bigint NOT NULL,
  PRIMARY KEY (id, lane)
);

-- Requests to delete a person's data. Who that is goes when it is done.
CREATE TABLE {schema}.deletion (
  code         text PRIMARY KEY,                -- the confirmation code
  "user"       text,                            -- the person's id at the app, until it is done
  requested_at bigint NOT NULL,
  done_at      bigint
);

-- Facts about the journal itself: 'version' of these tables; 'works_with', the oldest version of the program that
-- works with them; 'bot', whose it is; and 'echoes of ACCOUNT', once an echo of the bot's own has been seen on the
-- account.
CREATE TABLE {schema}.meta (
  name  text PRIMARY KEY,
  value text NOT NULL
);
