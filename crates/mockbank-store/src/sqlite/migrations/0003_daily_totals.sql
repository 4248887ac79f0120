-- What was posted on each day, by sort, and what stands on the customers' accounts and cards now:
-- charts and sums that do not look at the books.

CREATE TABLE daily_total (
    day      INTEGER NOT NULL CHECK (day BETWEEN 0 AND 65535),
    on_card  INTEGER NOT NULL CHECK (on_card IN (0, 1)), -- cards moved, not deposit accounts
    kind     INTEGER NOT NULL CHECK (kind BETWEEN 0 AND 10),
    category INTEGER NOT NULL,
    postings INTEGER NOT NULL CHECK (postings >= 1),
    credits  INTEGER NOT NULL CHECK (credits >= 0),
    debits   INTEGER NOT NULL CHECK (debits >= 0), -- without their sign
    PRIMARY KEY (day, on_card, kind, category)
) STRICT, WITHOUT ROWID;

-- The last instant of the bank's time belongs to the last day.
INSERT INTO daily_total (day, on_card, kind, category, postings, credits, debits)
SELECT min(at / 86400, 65535), card IS NOT NULL, kind, category, count(*),
    sum(max(amount, 0)), sum(max(-amount, 0))
FROM posting GROUP BY 1, 2, 3, 4;

ALTER TABLE world ADD COLUMN deposits INTEGER NOT NULL DEFAULT 0;
ALTER TABLE world ADD COLUMN card_debt INTEGER NOT NULL DEFAULT 0;

UPDATE world SET
    deposits = (SELECT coalesce(sum(balance), 0) FROM account),
    card_debt = (SELECT coalesce(sum(spend), 0) FROM card);
