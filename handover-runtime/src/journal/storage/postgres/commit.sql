-- Makes a batch of changes durable, unless the lease of the node has ended (HO001), or its lanes are others than
-- when this session began (HO003). One statement is one commit.
-- What comes most is written by one statement for all rows of a kind, the rest row by row, in order. A segment comes
-- after all of the one before it.
-- The columns of new events, calls and threads are not in a segment, which only says how many rows there are. They are
-- in two arrays, row after row, which the server reads with much less work than JSON: `texts`, and `integers` for all
-- others. At the end both must have been read to their ends, for otherwise rows were mixed up.
-- Returns what was deleted of each thread that was forgotten, and how many dead letters went.
--
-- Its plans are kept for as long as the connection, and may be made while the tables are empty. So they must not
-- depend on the size of the tables: rows are found by their keys. What can only be found by reading a table
-- seems so expensive then that it would be compiled first (`jit`), for 30 ms and more.
-- Also, with a plan for certain values, an element of an array would be found by going through all before it.
CREATE OR REPLACE FUNCTION {schema}.commit_1(node_epoch bigint, node_session bigint, segments jsonb[],
  integers bigint[], texts text[]) RETURNS jsonb
LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $body$
DECLARE
  changes jsonb;
  c jsonb;
  rows integer;
  integers_read integer := 0;
  texts_read integer := 0;
  numbers bigint[];
  today date := (now() AT TIME ZONE 'UTC')::date;
  forgotten jsonb := '[]';
  tidied bigint := 0;
  n bigint;
  counts bigint[];
BEGIN
  -- Whoever takes the lanes over deletes this row first, and waits for this lock; so does the next session.
  PERFORM 1 FROM {schema}.node WHERE epoch = node_epoch AND session = node_session FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'the lease of node % has ended, or its lanes have changed', node_epoch USING ERRCODE =
      CASE WHEN EXISTS (SELECT FROM {schema}.node WHERE epoch = node_epoch) THEN 'HO003' ELSE 'HO001' END;
  END IF;
  FOREACH changes IN ARRAY segments LOOP
    IF changes ? 'seen' THEN
      INSERT INTO {schema}.seen (day, key)
        SELECT today, decode(s.key, 'hex') FROM jsonb_array_elements_text(changes->'seen') AS s(key)
        ON CONFLICT DO NOTHING;
    END IF;
    IF changes ? 'arrived' THEN
      rows := (changes->'arrived')::integer;
      INSERT INTO {schema}.event (sequence, lane, received_at, account, person, kind, channel, content)
        SELECT integers[i + 1], integers[i + 2], integers[i + 3],
          texts[t + 1], texts[t + 2], texts[t + 3], texts[t + 4], texts[t + 5]
        FROM (SELECT integers_read + 3 * r AS i, texts_read + 5 * r AS t FROM generate_series(0, rows - 1) AS r) AS s;
      integers_read := integers_read + 3 * rows;
      texts_read := texts_read + 5 * rows;
    END IF;
    IF changes ? 'called' THEN
      rows := (changes->'called')::integer;
      INSERT INTO {schema}.call (id, lane, outcome, quiet, started_at, created_at, receipt, holds, expires_at,
          account, person, object, name, control, reclaims, timers, notifier, request, reference, state, otherwise)
        SELECT integers[i + 1], integers[i + 2], integers[i + 3], integers[i + 4] <> 0, integers[i + 5],
          integers[i + 6], integers[i + 7], integers[i + 8] <> 0, integers[i + 9],
          texts[t + 1], texts[t + 2], texts[t + 3], texts[t + 4], texts[t + 5], texts[t + 6], texts[t + 7],
          texts[t + 8], texts[t + 9], texts[t + 10], texts[t + 11], texts[t + 12]
        FROM (SELECT integers_read + 9 * r AS i, texts_read + 12 * r AS t FROM generate_series(0, rows - 1) AS r) AS s;
      integers_read := integers_read + 9 * rows;
      texts_read := texts_read + 12 * rows;
    END IF;
    IF changes ? 'started' THEN
      FOR c IN SELECT * FROM jsonb_array_elements(changes->'started') LOOP
        numbers := ARRAY(SELECT i.id::bigint FROM jsonb_array_elements_text(c->'ids') AS i(id));
        UPDATE {schema}.call AS a SET state = 'started', started_at = (c->>'at')::bigint
          WHERE a.id = ANY (numbers)
            AND (SELECT l.epoch FROM {schema}.lane AS l WHERE l.lane = a.lane) = node_epoch;
        GET DIAGNOSTICS n = ROW_COUNT;
        IF n <> cardinality(numbers) THEN
          RAISE EXCEPTION 'a call was made by another node' USING ERRCODE = 'HO003';
        END IF;
      END LOOP;
    END IF;
    IF changes ? 'settled' THEN
      -- Whatever a node believes: an event is settled once, and by the node that has its lane. Written so that
      -- the events are found by their numbers, and not among all that wait.
      FOR c IN SELECT * FROM jsonb_array_elements(changes->'settled') LOOP
        numbers := ARRAY(SELECT i.number::bigint FROM jsonb_array_elements_text(c->'sequences') AS i(number));
        UPDATE {schema}.event AS e SET settled_at = (c->>'at')::bigint, outcome = c->>'outcome'
          WHERE e.sequence = ANY (numbers) AND coalesce(e.settled_at, -1) = -1
            AND (SELECT l.epoch FROM {schema}.lane AS l WHERE l.lane = e.lane) = node_epoch;
        GET DIAGNOSTICS n = ROW_COUNT;
        IF n <> cardinality(numbers) THEN
          RAISE EXCEPTION 'an event was settled by another node' USING ERRCODE = 'HO003';
        END IF;
      END LOOP;
    END IF;
    IF changes ? 'forwarded' THEN
      INSERT INTO {schema}.arrival (lane, content)
        SELECT (a.value->>'lane')::smallint, a.value->>'content'
        FROM jsonb_array_elements(changes->'forwarded') WITH ORDINALITY AS a(value, number) ORDER BY a.number;
      PERFORM pg_notify('{channel}', string_agg(DISTINCT lane::text, ','))
        FROM jsonb_to_recordset(changes->'forwarded') AS a(lane smallint);
    END IF;
    IF changes ? 'taken' THEN
      DELETE FROM {schema}.arrival AS a USING jsonb_to_recordset(changes->'taken') AS t(lane smallint, id bigint)
        WHERE a.lane = t.lane AND a.id = t.id;
      GET DIAGNOSTICS n = ROW_COUNT;
      IF n <> jsonb_array_length(changes->'taken') THEN
        RAISE EXCEPTION 'an arrival was taken up twice' USING ERRCODE = 'HO003';
      END IF;
    END IF;
    IF changes ? 'threads' THEN
      rows := (changes->'threads')::integer;
      INSERT INTO {schema}.thread AS t (lane, session_version, owner_since, owner_seen_at, owner_as_of,
          owner_confirmed_at, person_wrote_at, paused_until, paused_before, paused_spares, began_at, may_have_missed,
          away_since, idle_after, messaged_at, away_turn, changed_at,
          account, person, session, owner, owner_app, paused_by, away_from, reclaiming)
        SELECT integers[i + 1], integers[i + 2], integers[i + 3], integers[i + 4], integers[i + 5],
          integers[i + 6], integers[i + 7], integers[i + 8], integers[i + 9], integers[i + 10], integers[i + 11],
          integers[i + 12] <> 0, integers[i + 13], integers[i + 14], integers[i + 15], integers[i + 16],
          integers[i + 17],
          texts[t + 1], texts[t + 2], texts[t + 3], texts[t + 4], texts[t + 5], texts[t + 6], texts[t + 7],
          texts[t + 8]
        FROM (SELECT integers_read + 17 * r AS i, texts_read + 8 * r AS t FROM generate_series(0, rows - 1) AS r) AS s
        ON CONFLICT (lane, account, person) DO UPDATE SET
          session = coalesce(excluded.session, t.session),
          session_version = t.session_version + excluded.session_version,
          owner = excluded.owner, owner_app = excluded.owner_app, owner_since = excluded.owner_since,
          owner_seen_at = excluded.owner_seen_at, owner_as_of = excluded.owner_as_of,
          owner_confirmed_at = excluded.owner_confirmed_at,
          person_wrote_at = excluded.person_wrote_at, paused_until = excluded.paused_until,
          paused_by = excluded.paused_by, paused_before = excluded.paused_before,
          paused_spares = excluded.paused_spares, began_at = excluded.began_at,
          may_have_missed = excluded.may_have_missed, away_since = excluded.away_since,
          away_from = excluded.away_from, idle_after = excluded.idle_after,
          reclaiming = excluded.reclaiming, messaged_at = excluded.messaged_at,
          away_turn = excluded.away_turn, changed_at = excluded.changed_at;
      integers_read := integers_read + 17 * rows;
      texts_read := texts_read + 8 * rows;
    END IF;
    IF changes ? 'turns_removed' THEN
      DELETE FROM {schema}.turn AS t USING jsonb_to_recordset(changes->'turns_removed')
          AS r(lane smallint, account text, person text, number bigint)
        WHERE t.lane = r.lane AND t.account = r.account AND t.person = r.person AND t.number = r.number;
    END IF;
    IF changes ? 'turns' THEN
      INSERT INTO {schema}.turn AS t (lane, account, person, number, at, speaker, app, text, attachments, mid, is_edited)
        SELECT lane, account, person, number, at, speaker, app, text, attachments, mid, is_edited
        FROM jsonb_populate_recordset(NULL::{schema}.turn, changes->'turns')
        ON CONFLICT (lane, account, person, number) DO UPDATE SET
          at = excluded.at, speaker = excluded.speaker, app = excluded.app, text = excluded.text,
          attachments = excluded.attachments, mid = excluded.mid, is_edited = excluded.is_edited;
    END IF;
    IF changes ? 'timers_removed' THEN
      DELETE FROM {schema}.timer AS t USING jsonb_to_recordset(changes->'timers_removed')
          AS r(lane smallint, account text, person text, name text)
        WHERE t.lane = r.lane AND t.account = r.account AND t.person = r.person AND t.name = r.name;
    END IF;
    IF changes ? 'timers' THEN
      INSERT INTO {schema}.timer (lane, account, person, name, due, event)
        SELECT lane, account, person, name, due, event
        FROM jsonb_populate_recordset(NULL::{schema}.timer, changes->'timers')
        ON CONFLICT (lane, account, person, name) DO UPDATE SET due = excluded.due, event = excluded.event;
    END IF;
    IF changes ? 'receipts' THEN
      INSERT INTO {schema}.receipt (number, lane, account, person, id, signal, digest, created_at, changed_at)
        SELECT r.number, r.lane, r.account, r.person, r.id, r.signal, decode(r.digest, 'hex'), r.at, r.at
        FROM jsonb_to_recordset(changes->'receipts') AS r(number bigint, lane smallint, account text, person text,
          id text, signal text, digest text, at bigint);
    END IF;
    IF changes ? 'receipts_changed' THEN
      UPDATE {schema}.receipt AS r SET status = a.status, detail = a.detail, changed_at = a.at
        FROM jsonb_to_recordset(changes->'receipts_changed') AS a(number bigint, status text, detail text, at bigint)
        WHERE r.number = a.number;
    END IF;
    IF changes ? 'rest' THEN
      FOR c IN SELECT * FROM jsonb_array_elements(changes->'rest') LOOP
        CASE c->>'k'
        WHEN 'call_waits' THEN
          UPDATE {schema}.call SET state = 'waiting', due = (c->>'due')::bigint,
              attempts = attempts + (c->>'attempts')::int, uncertain = uncertain OR (c->>'uncertain')::boolean
            WHERE id = (c->>'id')::bigint;
        WHEN 'call_confirmed' THEN
          UPDATE {schema}.call SET state = 'confirmed' WHERE id = (c->>'id')::bigint;
        WHEN 'calls_stopped' THEN
          UPDATE {schema}.call SET ended = c->>'ended'
            WHERE id IN (SELECT s.id::bigint FROM jsonb_array_elements_text(c->'ids') AS s(id));
        WHEN 'dead_call' THEN
          INSERT INTO {schema}.dead_letter (lane, account, person, kind, content, cause, at)
            SELECT lane, account, person, 'call', request, c->>'cause', (c->>'at')::bigint
            FROM {schema}.call WHERE id = (c->>'id')::bigint;
        WHEN 'dead_event' THEN
          INSERT INTO {schema}.dead_letter (lane, account, person, kind, content, cause, at)
            SELECT lane, account, person, 'event', content, c->>'cause', (c->>'at')::bigint
            FROM {schema}.event WHERE sequence = (c->>'sequence')::bigint;
        WHEN 'dead_notice' THEN
          INSERT INTO {schema}.dead_letter (lane, account, person, kind, content, cause, at)
            VALUES ((c->>'lane')::smallint, c->>'account', c->>'person', 'notice', c->>'content', c->>'cause',
                    (c->>'at')::bigint);
        WHEN 'retried' THEN
          UPDATE {schema}.event SET attempts = attempts + 1, due = (c->>'due')::bigint
            WHERE sequence = (c->>'sequence')::bigint;
        WHEN 'held' THEN
          UPDATE {schema}.event SET held = true, due = (c->>'until')::bigint
            WHERE sequence = (c->>'sequence')::bigint;
        WHEN 'unheld' THEN
          UPDATE {schema}.event SET held = false, due = 0 WHERE sequence = (c->>'sequence')::bigint;
        WHEN 'echo_seen' THEN
          INSERT INTO {schema}.meta VALUES ('echoes of ' || (c->>'account'), c->>'at') ON CONFLICT DO NOTHING;
        WHEN 'account_paused' THEN
          -- By the clock of the database, since those of the nodes may differ.
          -- A shorter pause does not replace a longer one. One without an end is replaced by any: a node that has
          -- stopped may have left it, and it would hide the others.
          INSERT INTO {schema}.pause AS p (account, object, until, token, reason)
            VALUES (c->>'account', c->>'object', clock_timestamp() + (c->>'ms')::bigint * interval '1 millisecond',
                    c->>'token', c->>'reason')
            ON CONFLICT (account) DO UPDATE SET object = excluded.object, until = excluded.until,
              token = excluded.token, reason = excluded.reason, since = excluded.since
              WHERE excluded.until IS NULL OR p.until IS NULL OR excluded.until > p.until;
          PERFORM pg_notify('{channel}', 'pauses');
        WHEN 'account_resumed' THEN
          -- There is another token, or the account is removed; the platform may still throttle it.
          DELETE FROM {schema}.pause WHERE account = c->>'account' AND until IS NULL;
          PERFORM pg_notify('{channel}', 'pauses');
        WHEN 'forgotten' THEN
          counts := {schema}.forget_1((c->>'lane')::smallint, c->>'account', c->>'person',
            (c->>'last_sequence')::bigint, (c->>'last_call')::bigint);
          forgotten := forgotten || jsonb_build_array(to_jsonb(counts));
        WHEN 'mentions_forgotten' THEN
          counts := {schema}.forget_mentions_1((c->>'lane')::smallint, c->>'account', c->>'person',
            (c->>'last_sequence')::bigint);
          forgotten := forgotten || jsonb_build_array(to_jsonb(counts));
        WHEN 'answered' THEN
          INSERT INTO {schema}.answer (name, content) VALUES (c->>'name', to_jsonb(counts)::text);
        WHEN 'expired' THEN
          DELETE FROM {schema}.thread AS t WHERE lane = (c->>'lane')::smallint AND account = c->>'account'
            AND person = c->>'person' AND NOT EXISTS (SELECT FROM {schema}.timer AS i
              WHERE i.lane = t.lane AND i.account = t.account AND i.person = t.person);
        WHEN 'message_forgotten' THEN
          PERFORM {schema}.forget_message_1((c->>'lane')::smallint, c->>'account', c->>'person', c->>'mid');
        WHEN 'deletion' THEN
          INSERT INTO {schema}.deletion (code, "user", requested_at)
            VALUES (c->>'code', c->>'user', (c->>'at')::bigint);
        WHEN 'deletion_done' THEN
          UPDATE {schema}.deletion SET "user" = NULL, done_at = (c->>'at')::bigint WHERE code = c->>'code';
        WHEN 'tidied' THEN
          tidied := tidied + {schema}.tidy_1(c);
        END CASE;
      END LOOP;
    END IF;
    IF changes ? 'ended' THEN
      DELETE FROM {schema}.call WHERE id = ANY
        (ARRAY(SELECT e.id::bigint FROM jsonb_array_elements_text(changes->'ended') AS e(id)));
    END IF;
  END LOOP;
  IF integers_read <> cardinality(integers) OR texts_read <> cardinality(texts) THEN
    RAISE EXCEPTION 'the rows of a commit have other columns than it reads';
  END IF;
  RETURN jsonb_build_object('forgotten', forgotten, 'tidied', tidied);
END
$body$;

-- Deletes the rows of a thread that were there when it was forgotten. Returns how many, by kind.
CREATE OR REPLACE FUNCTION {schema}.forget_1(of_lane smallint, of_account text, of_person text,
  last_sequence bigint, last_call bigint) RETURNS bigint[]
LANGUAGE plpgsql AS $body$
DECLARE
  n bigint;
  counts bigint[] := '{}';
BEGIN
  DELETE FROM {schema}.event WHERE lane = of_lane AND account = of_account AND person = of_person
    AND sequence <= last_sequence;
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || n;
  DELETE FROM {schema}.turn WHERE lane = of_lane AND account = of_account AND person = of_person;
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || n;
  DELETE FROM {schema}.thread WHERE lane = of_lane AND account = of_account AND person = of_person;
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || n;
  DELETE FROM {schema}.call WHERE lane = of_lane AND account = of_account AND person = of_person
    AND id <= last_call;
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || n;
  DELETE FROM {schema}.timer WHERE lane = of_lane AND account = of_account AND person = of_person;
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || n;
  DELETE FROM {schema}.dead_letter WHERE lane = of_lane AND account = of_account AND person = of_person;
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || n;
  DELETE FROM {schema}.receipt WHERE lane = of_lane AND account = of_account AND person = of_person;
  GET DIAGNOSTICS n = ROW_COUNT; counts := counts || n;
  RETURN counts;
END
$body$;

-- Deletes what the thread of the account, in this lane, says of a person, such as a comment: settled events, and dead
-- letters. Returns how many, as forget_1 does.
CREATE OR REPLACE FUNCTION {schema}.forget_mentions_1(of_lane smallint, of_account text, of_person text,
  last_sequence bigint) RETURNS bigint[]
LANGUAGE plpgsql AS $body$
DECLARE
  quoted text := '"' || of_person || '"';
  events bigint;
  dead_letters bigint;
BEGIN
  DELETE FROM {schema}.event WHERE lane = of_lane AND account = of_account AND person = ''
    AND settled_at IS NOT NULL AND sequence <= last_sequence AND strpos(content, quoted) > 0;
  GET DIAGNOSTICS events = ROW_COUNT;
  DELETE FROM {schema}.dead_letter WHERE lane = of_lane AND account = of_account AND person = ''
    AND strpos(content, quoted) > 0;
  GET DIAGNOSTICS dead_letters = ROW_COUNT;
  RETURN ARRAY[events, 0, 0, 0, 0, dead_letters, 0];
END
$body$;

-- Takes out what a deleted message said: of dead letters, and of events, which are kept for a while after they were
-- handled.
CREATE OR REPLACE FUNCTION {schema}.forget_message_1(of_lane smallint, of_account text, of_person text,
  of_mid text) RETURNS void
LANGUAGE plpgsql AS $body$
DECLARE
  r record;
  changed text;
BEGIN
  FOR r IN SELECT sequence, content FROM {schema}.event WHERE lane = of_lane AND person = of_person
      AND account = of_account AND strpos(content, of_mid) > 0 LOOP
    changed := {schema}.without_message_1(r.content, of_mid);
    IF changed IS NOT NULL THEN
      UPDATE {schema}.event SET content = changed WHERE sequence = r.sequence;
    END IF;
  END LOOP;
  FOR r IN SELECT id, content FROM {schema}.dead_letter WHERE lane = of_lane AND account = of_account
      AND person = of_person AND kind = 'event' AND strpos(content, of_mid) > 0 LOOP
    changed := {schema}.without_message_1(r.content, of_mid);
    IF changed IS NOT NULL THEN
      UPDATE {schema}.dead_letter SET content = changed WHERE id = r.id;
    END IF;
  END LOOP;
END
$body$;

-- An event without what this message said; NULL if it is about another.
CREATE OR REPLACE FUNCTION {schema}.without_message_1(content text, of_mid text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $body$
DECLARE
  -- jsonb knows no zero character.
  j jsonb := replace(content, '\u0000', '\ufffd')::jsonb;
BEGIN
  IF j #>> '{event,message,mid}' = of_mid THEN
    RETURN jsonb_set(j, '{event,message}', CASE WHEN (j #>> '{event,message,is_echo}')::boolean
      THEN jsonb_build_object('mid', of_mid, 'is_echo', true, 'is_deleted', true)
      ELSE jsonb_build_object('mid', of_mid, 'is_deleted', true) END)::text;
  ELSIF j #>> '{event,message_edit,mid}' = of_mid THEN
    RETURN (j #- '{event,message_edit,text}')::text;
  END IF;
  RETURN NULL;
END
$body$;

-- Deletes some of what is too old, unless another node does. Returns how many dead letters went.
CREATE OR REPLACE FUNCTION {schema}.tidy_1(c jsonb) RETURNS bigint
LANGUAGE plpgsql AS $body$
DECLARE
  n bigint := 0;
  oldest bigint;
  next_block bigint;
BEGIN
  IF NOT pg_try_advisory_xact_lock(hashtextextended('{channel} tidies', 0)) THEN
    RETURN 0;
  END IF;
  -- Each node gives numbers in blocks of 2^20, so the oldest are the first of each block. Those that wait, for
  -- however long, are not counted.
  oldest := (SELECT min(sequence) FROM {schema}.event);
  WHILE oldest IS NOT NULL LOOP
    next_block := ((oldest >> 20) + 1) << 20;
    IF (SELECT received_at < (c->>'settled')::bigint FROM {schema}.event
        WHERE sequence >= oldest AND sequence < next_block AND settled_at IS NOT NULL
        ORDER BY sequence LIMIT 1) THEN
      DELETE FROM {schema}.event WHERE sequence IN
          (SELECT sequence FROM {schema}.event
           WHERE sequence >= oldest AND sequence < next_block AND settled_at IS NOT NULL
           ORDER BY sequence LIMIT 500)
        AND received_at < (c->>'settled')::bigint AND settled_at IS NOT NULL;
    END IF;
    oldest := (SELECT min(sequence) FROM {schema}.event WHERE sequence >= next_block);
  END LOOP;
  DELETE FROM {schema}.receipt WHERE number IN
      (SELECT number FROM {schema}.receipt
       WHERE changed_at < (c->>'receipts')::bigint AND status NOT IN ('waiting', 'held')
       ORDER BY changed_at LIMIT 500);
  DELETE FROM {schema}.turn WHERE (lane, account, person, number) IN
      (SELECT lane, account, person, number FROM {schema}.turn WHERE at < (c->>'turns')::bigint LIMIT 500);
  DELETE FROM {schema}.answer WHERE at < clock_timestamp() - interval '1 hour';
  DELETE FROM {schema}.pause WHERE coalesce(until, since + interval '1 day') < clock_timestamp();
  DELETE FROM {schema}.deletion WHERE done_at < (c->>'deletions')::bigint;
  IF c ? 'dead_letters' THEN
    DELETE FROM {schema}.dead_letter WHERE id IN
        (SELECT id FROM {schema}.dead_letter ORDER BY id LIMIT 500)
      AND at < (c->>'dead_letters')::bigint;
    GET DIAGNOSTICS n = ROW_COUNT;
  END IF;
  RETURN n;
END
$body$;

-- Makes the partitions of the coming days, and drops those that are too old. All other statements wait for this one
-- while it waits for somebody who reads the table for long, such as pg_dump: so it fails soon, and is tried again.
-- Meanwhile, what has no partition goes to the one for all other days. A day of which anything is there gets none.
CREATE OR REPLACE FUNCTION {schema}.partition_1(kept_days integer) RETURNS void
LANGUAGE plpgsql SET lock_timeout = '200ms' AS $body$
DECLARE
  today date := (now() AT TIME ZONE 'UTC')::date;
  d date;
  r record;
BEGIN
  BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('{channel} partitions', 0));
  EXCEPTION WHEN lock_not_available THEN
    -- Another node does it.
    RETURN;
  END;
  FOR d IN SELECT generate_series(today, today + 2, interval '1 day')::date LOOP
    IF to_regclass(format('{schema}.%I', 'seen_' || to_char(d, 'YYYYMMDD'))) IS NULL
      AND NOT EXISTS (SELECT FROM {schema}.seen_other WHERE day = d) THEN
      EXECUTE format('CREATE TABLE {schema}.%I PARTITION OF {schema}.seen FOR VALUES FROM (%L) TO (%L)',
        'seen_' || to_char(d, 'YYYYMMDD'), d, d + 1);
    END IF;
  END LOOP;
  FOR r IN SELECT c.relname FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
      WHERE i.inhparent = '{schema}.seen'::regclass AND c.relname ~ '^seen_[0-9]{8}$'
        AND c.relname < 'seen_' || to_char(today - kept_days, 'YYYYMMDD') LOOP
    EXECUTE format('DROP TABLE {schema}.%I', r.relname);
  END LOOP;
  DELETE FROM {schema}.seen_other WHERE day < today - kept_days;
END
$body$;
