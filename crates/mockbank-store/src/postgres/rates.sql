-- How often clients asked. Apart from the world: a new world in its place changes nothing here, and
-- a copy of the world has no need of it. Unlogged, since a crash of the server may forget it.
CREATE SCHEMA IF NOT EXISTS mockbank_limits;

CREATE UNLOGGED TABLE IF NOT EXISTS mockbank_limits.client_rate (
    client text NOT NULL,
    rate text NOT NULL,
    -- Microseconds since 1970 from when on the client has all of the rate back.
    free_at bigint NOT NULL,
    PRIMARY KEY (client, rate)
) WITH (fillfactor = 70);

-- Counts one request against all rates or none. `refused` is the place of the first rate that has
-- no room, from 1; then `times` is the time to wait, else the time until each is free. All times
-- are microseconds.
CREATE OR REPLACE FUNCTION mockbank_limits.count_request(
    asking text, names text[], gaps bigint[], periods bigint[], OUT refused integer, OUT times bigint[]
) LANGUAGE plpgsql AS $$
DECLARE
    now_us bigint;
BEGIN
    -- One request of a client after the other, so that none is counted on top of a stale state.
    PERFORM pg_advisory_xact_lock(1834829684, hashtext(asking));
    now_us := (extract(epoch FROM clock_timestamp()) * 1000000)::bigint;
    SELECT array_agg(greatest(coalesce(free_at, 0) - now_us, 0) + gap ORDER BY place),
           min(place) FILTER (WHERE greatest(coalesce(free_at, 0) - now_us, 0) + gap > period)
    INTO times, refused
    FROM unnest(names, gaps, periods) WITH ORDINALITY AS asked (name, gap, period, place)
    LEFT JOIN mockbank_limits.client_rate ON client = asking AND rate = name;
    IF refused IS NULL THEN
        INSERT INTO mockbank_limits.client_rate AS known (client, rate, free_at)
        SELECT asking, name, now_us + time FROM unnest(names, times) AS counted (name, time)
        ON CONFLICT (client, rate) DO UPDATE SET free_at = excluded.free_at;
    ELSE
        times := ARRAY[times[refused] - periods[refused]];
    END IF;
END
$$;
