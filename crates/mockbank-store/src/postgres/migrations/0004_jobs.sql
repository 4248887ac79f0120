-- Work that takes longer than a command, for whoever asks how far it is. While a job is at work, its
-- session holds an advisory lock.

CREATE TABLE job (
    number bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ended  boolean NOT NULL,
    body   bytea   NOT NULL -- what is told of it
);

-- Every earlier job stands in the audit log, so their numbers are not given out again.
SELECT setval(pg_get_serial_sequence('job', 'number'), coalesce(max(number), 0) + 1, false)
FROM audit;
