-- What was posted on each day, by sort, and what stands on the customers' accounts and cards now:
-- charts and sums that do not look at the books.

CREATE TABLE daily_total (
    day      integer  NOT NULL CHECK (day BETWEEN 0 AND 65535),
    on_card  boolean  NOT NULL, -- cards moved, not deposit accounts
    kind     smallint NOT NULL CHECK (kind BETWEEN 0 AND 10),
    category integer  NOT NULL,
    postings bigint   NOT NULL CHECK (postings >= 1),
    credits  bigint   NOT NULL CHECK (credits >= 0),
    debits   bigint   NOT NULL CHECK (debits >= 0), -- without their sign
    PRIMARY KEY (day, on_card, kind, category)
);

-- The last instant of the bank's time belongs to the last day.
INSERT INTO daily_total (day, on_card, kind, category, postings, credits, debits)
SELECT least(at / 86400, 65535)::integer, card IS NOT NULL, kind, category, count(*),
    sum(greatest(amount, 0)), sum(greatest(-amount, 0))
FROM posting GROUP BY 1, 2, 3, 4;

ALTER TABLE world ADD COLUMN deposits bigint NOT NULL DEFAULT 0;
ALTER TABLE world ADD COLUMN card_debt bigint NOT NULL DEFAULT 0;

UPDATE world SET
    deposits = (SELECT coalesce(sum(balance), 0) FROM account),
    card_debt = (SELECT coalesce(sum(spend), 0) FROM card);
