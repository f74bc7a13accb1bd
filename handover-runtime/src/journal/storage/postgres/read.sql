-- What a node reads with most batches. In functions, whose plans are kept for as long as the connection; so they
-- must not depend on the size of the tables.

-- Which of these keys are remembered, and what other nodes have accepted for these lanes, oldest first.
CREATE OR REPLACE FUNCTION {schema}.find_1(keys bytea[], of_lanes smallint[], most bigint,
  OUT known bytea[], OUT lanes smallint[], OUT ids bigint[], OUT contents text[])
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off AS $body$
BEGIN
  known := ARRAY(SELECT s.key FROM {schema}.seen AS s WHERE s.key = ANY (keys));
  IF of_lanes IS NOT NULL AND EXISTS (SELECT FROM {schema}.arrival) THEN
    SELECT array_agg(a.lane), array_agg(a.id), array_agg(a.content) INTO lanes, ids, contents
      FROM (SELECT lane, id, content FROM {schema}.arrival WHERE lane = ANY (of_lanes) ORDER BY id LIMIT most) AS a;
  END IF;
END
$body$;

-- These threads, without their turns. The number says which of them it is, from 1.
CREATE OR REPLACE FUNCTION {schema}.threads_1(lanes smallint[], accounts text[], people text[])
RETURNS TABLE (number bigint, thread {schema}.thread)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $body$
BEGIN
  RETURN QUERY SELECT k.ordinal, t
    FROM unnest(lanes, accounts, people) WITH ORDINALITY AS k(lane, account, person, ordinal)
    JOIN {schema}.thread AS t USING (lane, account, person);
END
$body$;

-- The turns of these threads, in order.
CREATE OR REPLACE FUNCTION {schema}.turns_1(lanes smallint[], accounts text[], people text[])
RETURNS TABLE (number bigint, turn {schema}.turn)
LANGUAGE plpgsql STABLE
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off
SET enable_hashjoin = off SET enable_mergejoin = off SET jit = off AS $body$
BEGIN
  RETURN QUERY SELECT k.ordinal, t
    FROM unnest(lanes, accounts, people) WITH ORDINALITY AS k(lane, account, person, ordinal)
    JOIN {schema}.turn AS t USING (lane, account, person)
    ORDER BY t.number;
END
$body$;
