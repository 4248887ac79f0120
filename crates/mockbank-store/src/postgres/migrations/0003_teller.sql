-- What tellers need, of which several work on a world at once.

-- The row that everybody who posts locks last: the counts and sums of everything, and with it the end
-- of the chain of seals. Apart from the world's own row, which is wide and seldom changes.
CREATE TABLE counts (
    id           integer PRIMARY KEY CHECK (id = 1),
    customers    bigint  NOT NULL CHECK (customers >= 0),
    accounts     bigint  NOT NULL CHECK (accounts >= 0),
    cards        bigint  NOT NULL CHECK (cards >= 0),
    transactions bigint  NOT NULL CHECK (transactions >= 0),
    deposits     bigint  NOT NULL,
    card_debt    bigint  NOT NULL
) WITH (fillfactor = 10);

-- A world that is being made has no row yet.
INSERT INTO counts (id, customers, accounts, cards, transactions, deposits, card_debt)
SELECT 1, coalesce(sum(customers), 0), coalesce(sum(accounts), 0), coalesce(sum(cards), 0),
    coalesce(sum(transactions), 0), coalesce(sum(deposits), 0), coalesce(sum(card_debt), 0)
FROM world;

ALTER TABLE world DROP COLUMN customers, DROP COLUMN accounts, DROP COLUMN cards,
    DROP COLUMN transactions, DROP COLUMN deposits, DROP COLUMN card_debt;

-- A row for each teller at work. Each of its groups of commands leaves its number there, so that a
-- teller that lost its connection over a commit finds out whether the group was kept.
CREATE TABLE teller (
    number     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    last_group bigint      NOT NULL DEFAULT 0,
    used_at    timestamptz NOT NULL DEFAULT now() -- by the server's clock
) WITH (fillfactor = 10);

-- Numbers count up with the time of receipt, so the oldest answers have the lowest.
CREATE TABLE idempotency (
    number      bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at bigint  NOT NULL, -- by the machine's clock
    status      integer NOT NULL CHECK (status BETWEEN 0 AND 65535),
    owner       text    NOT NULL,
    key         text    NOT NULL,
    fingerprint bytea   NOT NULL CHECK (length(fingerprint) = 32),
    body        bytea   NOT NULL,
    UNIQUE (owner, key)
);
