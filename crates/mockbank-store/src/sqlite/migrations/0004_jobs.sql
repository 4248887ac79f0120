-- Work that takes longer than a command, for whoever asks how far it is.

CREATE TABLE job (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    state  INTEGER NOT NULL CHECK (state BETWEEN 0 AND 2), -- at work, ended, interrupted
    body   BLOB    NOT NULL                                -- what is told of it
) STRICT;

-- Every earlier job stands in the audit log, so their numbers are not given out again.
INSERT INTO sqlite_sequence (name, seq) SELECT 'job', coalesce(max(number), 0) FROM audit;
