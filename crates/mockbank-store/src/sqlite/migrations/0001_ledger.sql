-- Money is in minor units, days count from 1970-01-01, instants are seconds since then.
-- Numbers without a table beside them are codes of the bank's own types.

CREATE TABLE world (
    id                    INTEGER PRIMARY KEY CHECK (id = 1),
    seed                  INTEGER NOT NULL, -- 64 bits, read as unsigned
    model                 INTEGER NOT NULL CHECK (model BETWEEN 0 AND 4294967295),
    preset                TEXT    NOT NULL,
    preset_text           TEXT    NOT NULL,
    currency              TEXT    NOT NULL CHECK (length(currency) = 3),
    population            INTEGER NOT NULL CHECK (population >= 0), -- simulated from the first day
    start                 INTEGER NOT NULL CHECK (start BETWEEN 0 AND 65535),
    clock                 INTEGER NOT NULL CHECK (clock >= start * 86400),
    descriptions          INTEGER NOT NULL CHECK (descriptions >= 0), -- of the catalogue
    default_password_hash TEXT    NOT NULL,
    users                 INTEGER NOT NULL DEFAULT 0 CHECK (users >= 0),
    accounts              INTEGER NOT NULL DEFAULT 0 CHECK (accounts >= 0),
    cards                 INTEGER NOT NULL DEFAULT 0 CHECK (cards >= 0),
    transactions          INTEGER NOT NULL DEFAULT 0 CHECK (transactions >= 0)
) STRICT;

CREATE TABLE setting (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE category (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 65535),
    name   TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE place (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 4294967295),
    name   TEXT NOT NULL
) STRICT;

CREATE TABLE description (
    number INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 4294967295),
    text   TEXT NOT NULL
) STRICT;

CREATE TABLE hub (
    number      INTEGER PRIMARY KEY CHECK (number BETWEEN 0 AND 4294967295),
    role        INTEGER NOT NULL CHECK (role BETWEEN 0 AND 5),
    name        TEXT    NOT NULL,
    mcc         INTEGER NOT NULL CHECK (mcc BETWEEN 0 AND 9999),
    category    INTEGER NOT NULL REFERENCES category,
    description INTEGER NOT NULL REFERENCES description
) STRICT;

-- What stands on the bank's own and the counterparties' accounts.
CREATE TABLE ledger_total (
    account INTEGER PRIMARY KEY CHECK (account >= 0 AND account & 3 IN (0, 1)),
    balance INTEGER NOT NULL
) STRICT;

CREATE TABLE user (
    number        INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 68719476735),
    username      TEXT    NOT NULL UNIQUE CHECK (username <> ''),
    first_name    TEXT    NOT NULL,
    last_name     TEXT    NOT NULL,
    email         TEXT    NOT NULL,
    city          TEXT    NOT NULL,
    created_at    INTEGER NOT NULL CHECK (created_at >= 0),
    theme         TEXT    NOT NULL,
    notifications INTEGER NOT NULL CHECK (notifications IN (0, 1)),
    password_hash TEXT -- NULL for the world's default password
) STRICT;

-- What a customer's behaviours remember between two steps.
CREATE TABLE memory (
    user    INTEGER PRIMARY KEY REFERENCES user,
    content BLOB NOT NULL
) STRICT;

CREATE TABLE account (
    number          INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 68719476735),
    user            INTEGER NOT NULL REFERENCES user,
    kind            INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 1),
    currency        TEXT    NOT NULL CHECK (length(currency) = 3),
    status          INTEGER NOT NULL CHECK (status BETWEEN 0 AND 2),
    opening_balance INTEGER NOT NULL,
    balance         INTEGER NOT NULL,
    held            INTEGER NOT NULL DEFAULT 0 CHECK (held >= 0),
    salary          INTEGER NOT NULL CHECK (salary >= 0),
    employer        INTEGER REFERENCES hub,
    postings        INTEGER NOT NULL DEFAULT 0 CHECK (postings >= 0),
    latest          INTEGER NOT NULL DEFAULT 0 CHECK (latest >= 0), -- instant of the last posting
    CHECK (postings > 0 OR balance = opening_balance)
) STRICT;
CREATE INDEX account_of_user ON account (user);

CREATE TABLE card (
    number       INTEGER PRIMARY KEY CHECK (number BETWEEN 1 AND 68719476735),
    account      INTEGER NOT NULL REFERENCES account,
    last_four    INTEGER NOT NULL CHECK (last_four BETWEEN 0 AND 9999),
    status       INTEGER NOT NULL CHECK (status BETWEEN 0 AND 2),
    credit_limit INTEGER NOT NULL CHECK (credit_limit >= 0),
    billing_day  INTEGER NOT NULL CHECK (billing_day BETWEEN 1 AND 31),
    profile      TEXT    NOT NULL,
    spend        INTEGER NOT NULL,
    issued       INTEGER NOT NULL CHECK (issued BETWEEN 0 AND 65535),
    expires      INTEGER NOT NULL CHECK (expires BETWEEN issued AND 65535),
    last_bill    INTEGER CHECK (last_bill BETWEEN 0 AND 65535),
    postings     INTEGER NOT NULL DEFAULT 0 CHECK (postings >= 0),
    CHECK (postings > 0 OR spend = 0)
) STRICT;
CREATE INDEX card_of_account ON card (account);

-- The ledger's lines, clustered by book: a page of a list is one range. The step that adds them
-- checks that accounts, cards and dictionary numbers exist: foreign keys here would look parents
-- up again for every line, and make a bulk load a third slower.
CREATE TABLE posting (
    account        INTEGER NOT NULL,
    sequence       INTEGER NOT NULL CHECK (sequence >= 1),
    at             INTEGER NOT NULL CHECK (at >= 0),
    kind           INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 10),
    category       INTEGER NOT NULL,
    amount         INTEGER NOT NULL CHECK (amount <> 0),
    card           INTEGER,
    contra         INTEGER NOT NULL,
    balance        INTEGER NOT NULL,
    card_balance   INTEGER NOT NULL CHECK (card_balance = 0 OR card IS NOT NULL),
    description    INTEGER NOT NULL,
    place          INTEGER NOT NULL,
    reference      INTEGER NOT NULL CHECK (reference >= 0),
    transfer_group INTEGER,
    PRIMARY KEY (account, sequence)
) STRICT, WITHOUT ROWID;

-- Up to `sequence` in its account's book, the card has had `postings` postings. A card's page is
-- found between two marks. They stand at every 64th posting of a book where the card moved: an
-- index over all postings of cards would nearly double the time of a bulk load.
CREATE TABLE card_mark (
    card     INTEGER NOT NULL,
    postings INTEGER NOT NULL CHECK (postings >= 1),
    sequence INTEGER NOT NULL CHECK (sequence >= postings),
    PRIMARY KEY (card, postings)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER posting_is_never_changed BEFORE UPDATE ON posting
BEGIN
    SELECT RAISE(ABORT, 'postings are append-only: a correction is a reversal');
END;

CREATE TRIGGER posting_is_never_deleted BEFORE DELETE ON posting
BEGIN
    SELECT RAISE(ABORT, 'postings are append-only: a correction is a reversal');
END;
