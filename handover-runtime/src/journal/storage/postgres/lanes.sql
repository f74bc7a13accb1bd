-- A node joins. Its lease begins, without lanes. One that is to be alone, to copy the journal, is refused while
-- another is there, and so is every other while one is there that is to be alone.
CREATE OR REPLACE FUNCTION {schema}.join_1(of_name text, of_version text, lease_ms bigint, alone boolean)
RETURNS bigint
LANGUAGE plpgsql AS $body$
DECLARE
  joined bigint;
  other text;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('{channel} lanes', 0));
  SELECT n.name INTO other FROM {schema}.node AS n
    WHERE n.expires >= clock_timestamp() AND (n.alone OR join_1.alone) LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION '%', other USING ERRCODE = 'HO002';
  END IF;
  INSERT INTO {schema}.node (name, version, expires, alone)
    VALUES (of_name, of_version, clock_timestamp() + lease_ms * interval '1 millisecond', join_1.alone)
    RETURNING epoch INTO joined;
  RETURN joined;
END
$body$;

-- A node renews its lease, ends the leases that nobody has renewed, and takes its share of the lanes that
-- nobody has. Returns NULL if its lease has ended; otherwise its lanes, the largest number of lanes that it is
-- to have, the number of nodes, whether it has taken any, the time, and the accounts that are paused.
CREATE OR REPLACE FUNCTION {schema}.renew_1(me bigint, lease_ms bigint, takes boolean) RETURNS jsonb
LANGUAGE plpgsql AS $body$
DECLARE
  nodes bigint;
  share bigint;
  owned bigint;
  taken bigint := 0;
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('{channel} lanes', 0));
  UPDATE {schema}.node SET expires = clock_timestamp() + lease_ms * interval '1 millisecond' WHERE epoch = me;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  -- Waits for a commit of such a node that is under way; later ones fail.
  DELETE FROM {schema}.node WHERE expires < clock_timestamp() AND epoch <> me;
  UPDATE {schema}.lane AS l SET epoch = NULL, since = clock_timestamp()
    WHERE epoch IS NOT NULL AND NOT EXISTS (SELECT FROM {schema}.node AS n WHERE n.epoch = l.epoch);
  -- A row of which nobody has heard belongs to a process that was cut off while it joined.
  SELECT count(*) INTO nodes FROM {schema}.node WHERE session > 0 OR epoch = me;
  SELECT count(*) INTO owned FROM {schema}.lane WHERE epoch = me;
  share := ceil(256.0 / nodes);
  IF takes AND owned < share THEN
    UPDATE {schema}.lane SET epoch = me, since = clock_timestamp() WHERE lane IN
      (SELECT lane FROM {schema}.lane WHERE epoch IS NULL ORDER BY lane LIMIT share - owned);
    GET DIAGNOSTICS taken = ROW_COUNT;
  END IF;
  RETURN jsonb_build_object('nodes', nodes, 'share', share, 'taken', taken > 0,
    'now', (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
    'pauses', (SELECT coalesce(jsonb_agg(jsonb_build_object('account', account, 'object', object, 'token', token,
        'reason', reason, 'ms', (extract(epoch FROM until - clock_timestamp()) * 1000)::bigint)), '[]')
      FROM {schema}.pause WHERE until IS NULL OR until > clock_timestamp()),
    'lanes',
    (SELECT coalesce(jsonb_agg(lane ORDER BY lane), '[]') FROM {schema}.lane WHERE epoch = me));
END
$body$;

-- A node is about to read what waits in its lanes. A commit of an earlier session that still runs, because the
-- node has lost its connection meanwhile, is waited for; later ones fail. Returns the session and the lanes;
-- NULL if the lease has ended.
CREATE OR REPLACE FUNCTION {schema}.begin_1(me bigint) RETURNS jsonb
LANGUAGE plpgsql AS $body$
DECLARE
  begun bigint;
BEGIN
  UPDATE {schema}.node SET session = session + 1 WHERE epoch = me RETURNING session INTO begun;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  IF begun = 1 THEN
    -- The others give it its share.
    PERFORM pg_notify('{channel}', 'free');
  END IF;
  RETURN jsonb_build_object('session', begun, 'lanes',
    (SELECT coalesce(jsonb_agg(lane ORDER BY lane), '[]') FROM {schema}.lane WHERE epoch = me));
END
$body$;

-- A node gives lanes back; without any, all of them, and leaves. What it commits before it has read its lanes
-- again fails.
CREATE OR REPLACE FUNCTION {schema}.give_back_1(me bigint, lanes smallint[]) RETURNS void
LANGUAGE plpgsql AS $body$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('{channel} lanes', 0));
  UPDATE {schema}.node SET session = session + 1 WHERE epoch = me;
  UPDATE {schema}.lane SET epoch = NULL, since = clock_timestamp()
    WHERE epoch = me AND (lanes IS NULL OR lane = ANY (lanes));
  IF lanes IS NULL THEN
    DELETE FROM {schema}.node WHERE epoch = me;
  END IF;
  PERFORM pg_notify('{channel}', 'free');
END
$body$;
