-- Money is in minor units, days count from 1970-01-01, instants are seconds since then.
-- Numbers without a table beside them are codes of the bank's own types.

-- The format of this schema, by which the program knows its own.
CREATE TABLE format (
    version integer NOT NULL
);

CREATE TABLE world (
    id                    integer PRIMARY KEY CHECK (id = 1),
    seed                  bigint  NOT NULL, -- 64 bits, read as unsigned
    model                 bigint  NOT NULL CHECK (model BETWEEN 0 AND 4294967295),
    preset                text    NOT NULL,
    preset_text           text    NOT NULL,
    currency              text    NOT NULL CHECK (length(currency) = 3),
    population            bigint  NOT NULL CHECK (population >= 0), -- simulated from the first day
    start                 integer NOT NULL CHECK (start BETWEEN 0 AND 65535),
    clock                 bigint  NOT NULL CHECK (clock >= start::bigint * 86400),
    descriptions          bigint  NOT NULL CHECK (descriptions >= 0), -- of the catalogue
    default_password_hash text    NOT NULL,
    customers             bigint  NOT NULL DEFAULT 0 CHECK (customers >= 0),
    accounts              bigint  NOT NULL DEFAULT 0 CHECK (accounts >= 0),
    cards                 bigint  NOT NULL DEFAULT 0 CHECK (cards >= 0),
    transactions          bigint  NOT NULL DEFAULT 0 CHECK (transactions >= 0),
    last_group            bigint  NOT NULL DEFAULT 0 CHECK (last_group >= 0) -- of commands
);

CREATE TABLE setting (
    key   text PRIMARY KEY,
    value text NOT NULL
);

CREATE TABLE category (
    number integer PRIMARY KEY CHECK (number BETWEEN 0 AND 65535),
    name   text NOT NULL UNIQUE
);

CREATE TABLE place (
    number integer PRIMARY KEY CHECK (number >= 0),
    name   text NOT NULL
);

-- Clients' own descriptions are found by their text, so that the same text is kept once. They can
-- be longer than an entry of a B-tree.
CREATE TABLE description (
    number integer PRIMARY KEY CHECK (number >= 0),
    text   text NOT NULL
);
CREATE INDEX description_of_text ON description USING hash (text);

CREATE TABLE hub (
    number      integer PRIMARY KEY CHECK (number >= 0),
    role        smallint NOT NULL CHECK (role BETWEEN 0 AND 5),
    name        text     NOT NULL,
    mcc         smallint NOT NULL CHECK (mcc BETWEEN 0 AND 9999),
    category    integer  NOT NULL REFERENCES category,
    description integer  NOT NULL REFERENCES description
);

-- What stands on the bank's own and the counterparties' accounts.
CREATE TABLE ledger_total (
    account bigint PRIMARY KEY CHECK (account >= 0 AND account & 3 IN (0, 1)),
    balance bigint NOT NULL
);

CREATE TABLE customer (
    number        bigint  PRIMARY KEY CHECK (number BETWEEN 1 AND 68719476735),
    username      text    NOT NULL UNIQUE CHECK (username <> ''),
    first_name    text    NOT NULL,
    last_name     text    NOT NULL,
    email         text    NOT NULL,
    city          text    NOT NULL,
    created_at    bigint  NOT NULL CHECK (created_at >= 0),
    theme         text    NOT NULL,
    notifications boolean NOT NULL,
    password_hash text -- NULL for the world's default password
);

-- What a customer's behaviours remember between two steps.
CREATE TABLE memory (
    customer bigint PRIMARY KEY REFERENCES customer,
    content  bytea  NOT NULL
);

-- Rows that every step changes leave room on their page for their next version, which then needs
-- no new entries in the indexes.
CREATE TABLE account (
    number          bigint   PRIMARY KEY CHECK (number BETWEEN 1 AND 68719476735),
    customer        bigint   NOT NULL REFERENCES customer,
    opening_balance bigint   NOT NULL,
    balance         bigint   NOT NULL,
    held            bigint   NOT NULL DEFAULT 0 CHECK (held >= 0),
    salary          bigint   NOT NULL CHECK (salary >= 0),
    postings        bigint   NOT NULL DEFAULT 0 CHECK (postings >= 0),
    latest          bigint   NOT NULL DEFAULT 0 CHECK (latest >= 0), -- instant of the last posting
    employer        integer  REFERENCES hub,
    kind            smallint NOT NULL CHECK (kind BETWEEN 0 AND 1),
    status          smallint NOT NULL CHECK (status BETWEEN 0 AND 2),
    currency        text     NOT NULL CHECK (length(currency) = 3),
    CHECK (postings > 0 OR balance = opening_balance)
) WITH (fillfactor = 70);
CREATE INDEX account_of_customer ON account (customer);

CREATE TABLE card (
    number       bigint   PRIMARY KEY CHECK (number BETWEEN 1 AND 68719476735),
    account      bigint   NOT NULL REFERENCES account,
    credit_limit bigint   NOT NULL CHECK (credit_limit >= 0),
    spend        bigint   NOT NULL,
    postings     bigint   NOT NULL DEFAULT 0 CHECK (postings >= 0),
    issued       integer  NOT NULL CHECK (issued BETWEEN 0 AND 65535),
    expires      integer  NOT NULL CHECK (expires BETWEEN issued AND 65535),
    last_bill    integer  CHECK (last_bill BETWEEN 0 AND 65535),
    last_four    smallint NOT NULL CHECK (last_four BETWEEN 0 AND 9999),
    status       smallint NOT NULL CHECK (status BETWEEN 0 AND 2),
    billing_day  smallint NOT NULL CHECK (billing_day BETWEEN 1 AND 31),
    profile      text     NOT NULL,
    CHECK (postings > 0 OR spend = 0)
) WITH (fillfactor = 70);
CREATE INDEX card_of_account ON card (account);

-- The ledger's lines. Their primary key, (account, sequence), is added once a new world is
-- loaded: a page of a list is one range of it. A load and a step write account by account, so the
-- lines of a page also lie side by side. The widest columns come first, so that none is padded.
-- The step that adds the lines checks that accounts, cards and dictionary numbers exist: foreign
-- keys here would look parents up again for every line.
CREATE TABLE posting (
    account        bigint   NOT NULL,
    sequence       bigint   NOT NULL,
    at             bigint   NOT NULL,
    amount         bigint   NOT NULL,
    contra         bigint   NOT NULL,
    balance        bigint   NOT NULL,
    card_balance   bigint   NOT NULL,
    reference      bigint   NOT NULL,
    card           bigint,
    transfer_group bigint,
    category       integer  NOT NULL,
    description    integer  NOT NULL,
    place          integer  NOT NULL,
    kind           smallint NOT NULL,
    -- In one, since each check of its own costs a load a few hundredths of its time.
    CONSTRAINT posting_is_possible CHECK (sequence >= 1 AND at >= 0 AND amount <> 0
        AND (card_balance = 0 OR card IS NOT NULL) AND reference >= 0 AND kind BETWEEN 0 AND 10)
);

-- The first sequence of a book with `last` postings that is not before `instant`; one past the last
-- if none is, NULL for no instant. Time never goes back along a book, so it is found by bisection.
CREATE FUNCTION first_at(book bigint, last bigint, instant bigint) RETURNS bigint
LANGUAGE plpgsql STABLE STRICT AS $$
DECLARE
    low    bigint := 1;
    high   bigint := last + 1;
    middle bigint;
BEGIN
    WHILE low < high LOOP
        middle := low + (high - low) / 2;
        IF (SELECT p.at FROM posting p WHERE p.account = book AND p.sequence = middle) < instant
        THEN
            low := middle + 1;
        ELSE
            high := middle;
        END IF;
    END LOOP;
    RETURN low;
END
$$;

-- Up to `sequence` in its account's book, the card has had `postings` postings. A card's page is
-- found between two marks. They stand at every 64th posting of a book where the card moved: an
-- index over all postings of cards would nearly double the time of a bulk load.
CREATE TABLE card_mark (
    card     bigint NOT NULL,
    postings bigint NOT NULL CHECK (postings >= 1),
    sequence bigint NOT NULL CHECK (sequence >= postings),
    PRIMARY KEY (card, postings)
);

CREATE TABLE hold (
    number         bigint   PRIMARY KEY CHECK (number BETWEEN 1 AND 68719476735),
    payer          bigint   NOT NULL REFERENCES account,
    payee          bigint   NOT NULL REFERENCES account,
    amount         bigint   NOT NULL CHECK (amount > 0),
    description    text,
    authorised_at  bigint   NOT NULL CHECK (authorised_at >= 0),
    expires_at     bigint   NOT NULL CHECK (expires_at > authorised_at),
    state          smallint NOT NULL CHECK (state BETWEEN 0 AND 3),
    posted         bigint   CHECK (posted BETWEEN 1 AND amount),
    transfer_group bigint,
    CHECK ((state = 1) = (posted IS NOT NULL)),
    CHECK ((state = 1) = (transfer_group IS NOT NULL))
);
CREATE INDEX hold_pending ON hold (expires_at) WHERE state = 0;
CREATE INDEX hold_of_payer ON hold (payer);

CREATE TABLE audit (
    number      bigint PRIMARY KEY,
    at          bigint NOT NULL CHECK (at >= 0), -- by the bank's clock
    received_at bigint NOT NULL,                 -- by the machine's clock
    actor       text   NOT NULL,
    act         text   NOT NULL,
    refusal     text                             -- code; NULL for what was done
);

-- The chain: each seal's hash covers the one before. A seal stands either for the postings of one
-- command, one or two, or for all that a step posted.
CREATE TABLE seal (
    number          bigint PRIMARY KEY CHECK (number >= 1),
    first_account   bigint,
    first_sequence  bigint,
    second_account  bigint,
    second_sequence bigint,
    since           bigint,
    until           bigint,
    postings        bigint NOT NULL CHECK (postings >= 1),
    sum             bytea  CHECK (length(sum) = 64),
    hash            bytea  NOT NULL CHECK (length(hash) = 32),
    CHECK ((first_account IS NULL) = (first_sequence IS NULL)),
    CHECK ((first_account IS NULL) = (sum IS NOT NULL)),
    CHECK ((since IS NULL) = (sum IS NULL) AND (until IS NULL) = (sum IS NULL))
);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: a correction is a reversal', TG_TABLE_NAME
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;

CREATE TRIGGER posting_is_append_only BEFORE UPDATE OR DELETE ON posting
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER posting_is_never_emptied BEFORE TRUNCATE ON posting
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_is_append_only BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER audit_is_never_emptied BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seal_is_append_only BEFORE UPDATE OR DELETE ON seal
    FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER seal_is_never_emptied BEFORE TRUNCATE ON seal
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
