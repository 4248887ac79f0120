-- What commands need beside the ledger: holds, kept answers, the audit log, the chain of seals.

-- The last number of a transfer's group that the bank gave out.
ALTER TABLE world ADD COLUMN last_group INTEGER NOT NULL DEFAULT 0 CHECK (last_group >= 0);

-- Clients' own descriptions are found by their text, so that the same text is kept once.
CREATE INDEX description_of_text ON description (text);

CREATE TABLE hold (
    number         INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 68719476735),
    payer          INTEGER NOT NULL REFERENCES account,
    payee          INTEGER NOT NULL REFERENCES account,
    amount         INTEGER NOT NULL CHECK (amount > 0),
    description    TEXT,
    authorised_at  INTEGER NOT NULL CHECK (authorised_at >= 0),
    expires_at     INTEGER NOT NULL CHECK (expires_at > authorised_at),
    state          INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3),
    posted         INTEGER CHECK (posted BETWEEN 1 AND amount),
    transfer_group INTEGER,
    CHECK ((state = 1) = (posted IS NOT NULL)),
    CHECK ((state = 1) = (transfer_group IS NOT NULL))
) STRICT;
CREATE INDEX hold_pending ON hold (expires_at) WHERE state = 0;
CREATE INDEX hold_of_payer ON hold (payer);

-- Numbers count up with the time of receipt, so the oldest answers are the first rows.
CREATE TABLE idempotency (
    number      INTEGER PRIMARY KEY,
    owner       TEXT    NOT NULL,
    key         TEXT    NOT NULL,
    fingerprint BLOB    NOT NULL CHECK (length(fingerprint) = 32),
    status      INTEGER NOT NULL CHECK (status BETWEEN 0 AND 65535),
    body        BLOB    NOT NULL,
    received_at INTEGER NOT NULL, -- by the machine's clock
    UNIQUE (owner, key)
) STRICT;

CREATE TABLE audit (
    number      INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL CHECK (at >= 0), -- by the bank's clock
    received_at INTEGER NOT NULL,                 -- by the machine's clock
    actor       TEXT    NOT NULL,
    act         TEXT    NOT NULL,
    refusal     TEXT                              -- code; NULL for what was done
) STRICT;

-- The chain: each seal's hash covers the one before. A seal stands either for the postings of one
-- command, one or two, or for all that a step posted.
CREATE TABLE seal (
    number          INTEGER PRIMARY KEY CHECK (number >= 1),
    first_account   INTEGER,
    first_sequence  INTEGER,
    second_account  INTEGER,
    second_sequence INTEGER,
    since           INTEGER,
    until           INTEGER,
    postings        INTEGER NOT NULL CHECK (postings >= 1),
    sum             BLOB CHECK (length(sum) = 64),
    hash            BLOB NOT NULL CHECK (length(hash) = 32),
    CHECK ((first_account IS NULL) = (first_sequence IS NULL)),
    CHECK ((first_account IS NULL) = (sum IS NOT NULL)),
    CHECK ((since IS NULL) = (sum IS NULL) AND (until IS NULL) = (sum IS NULL))
) STRICT;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'the audit log is append-only');
END;

CREATE TRIGGER seal_is_never_changed BEFORE UPDATE ON seal
BEGIN
    SELECT RAISE(ABORT, 'the chain of seals is append-only');
END;

CREATE TRIGGER seal_is_never_deleted BEFORE DELETE ON seal
BEGIN
    SELECT RAISE(ABORT, 'the chain of seals is append-only');
END;
