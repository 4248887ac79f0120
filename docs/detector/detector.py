"""Trains a detector of crime on one generated world and tests it on another.

    python detector.py TRAIN TEST

TRAIN and TEST are folders that `mockbank generate` wrote. What the detector learns from is what a
bank knows when a transaction is booked: the transaction, and what came before it. Numbers that
stand for a customer, an account or a transaction are no features, and neither is anything later.
"""

import os
import sys

# Threads that wait would otherwise hold up the others on a busy machine.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import duckdb
import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import average_precision_score

# Alerts for every 10,000 transactions: as many as there are crimes, roughly.
BUDGET = 5
# Of the honest transactions so many are trained on; all are tested.
SAMPLE = 20
ROUNDS = 120
SEED = 1

# What the transaction itself says.
PLAIN = """
    amount::double as amount,
    ln(1 + abs(amount)::double) as size,
    (amount * 100 % 100 = 0)::int as is_whole,
    (amount * 100 % 500 = 0)::int as is_multiple_of_five,
    hour(posted_at) + minute(posted_at) / 60 as hour,
    dayofweek(posted_at) as weekday,
    day(posted_at) as day_of_month,
    case kind when 'PURCHASE' then 0 when 'TRANSFER' then 1 when 'CASH' then 2
        when 'DIRECT_DEBIT' then 3 when 'PAYROLL' then 4 when 'REFUND' then 5 else 6 end as sort,
    (location = 'Online')::int as is_online,
    (card_id is not null)::int as is_on_card,
    (contra_type = 'DEPOSIT')::int as is_inside,
    coalesce(mcc, 0) as mcc,
    balance::double as balance,
    coalesce(card_balance, 0)::double as card_balance
"""

# What came before it: in the account's book, with its counterparty, and in the counterparty's.
HISTORY = """
    ln(1 + epoch(posted_at - lag(posted_at) over book)) as log_gap,
    ln(1 + epoch(posted_at - lag(posted_at) over like_it)) as log_gap_of_sort,
    count(*) over hour_before as within_hour,
    count(*) over day_before as within_day,
    count(*) over week_before as within_week,
    count(*) over like_it_day_before as like_it_within_day,
    ln(1 + sum(abs(amount)::double) over like_it_day_before) as like_it_sum_of_day,
    ln(1 + sum(abs(amount)::double) over like_it_week_before) as like_it_sum_of_week,
    ln(1 + abs(amount)::double) - avg(ln(1 + abs(amount)::double)) over like_it_before
        as size_above_usual,
    stddev_pop(ln(1 + abs(amount)::double)) over like_it_before as usual_spread,
    max(abs(amount)::double) over like_it_before as largest_before,
    count(*) over with_it - 1 as dealings,
    ln(1 + epoch(posted_at - lag(posted_at) over with_it)) as log_gap_of_dealings,
    avg(hour(posted_at)) over like_it_before as usual_hour,
    amount::double / nullif(abs(balance::double - amount::double), 0) as share_of_balance,
    count(*) filter (is_first and amount < 0) over transfers_month_before as paid_month,
    count(*) filter (is_first and amount > 0) over transfers_month_before as payers_month,
    ln(1 + sum(greatest(amount::double, 0)) over transfers_week_before) as received_week,
    ln(1 + sum(greatest(-amount::double, 0)) over transfers_week_before) as sent_week
"""

WINDOWS = """
    book as (partition by account_id order by sequence),
    like_it as (partition by account_id, kind, amount > 0 order by sequence),
    with_it as (partition by account_id, contra_type, contra_id order by sequence),
    hour_before as (partition by account_id order by posted_at
        range between interval 1 hour preceding and current row exclude ties),
    day_before as (partition by account_id order by posted_at
        range between interval 1 day preceding and current row exclude ties),
    week_before as (partition by account_id order by posted_at
        range between interval 7 days preceding and current row exclude ties),
    like_it_day_before as (partition by account_id, kind, amount > 0 order by posted_at
        range between interval 1 day preceding and current row exclude ties),
    like_it_week_before as (partition by account_id, kind, amount > 0 order by posted_at
        range between interval 7 days preceding and current row exclude ties),
    like_it_before as (partition by account_id, kind, amount > 0 order by sequence
        rows between 100 preceding and 1 preceding),
    transfers_week_before as (partition by account_id, kind order by posted_at
        range between interval 7 days preceding and current row exclude ties),
    transfers_month_before as (partition by account_id, kind order by posted_at
        range between interval 30 days preceding and current row exclude ties)
"""


def read(world):
    """The features of a world's transactions, their names, and the typologies ('' for none)."""
    con = duckdb.connect(config={"memory_limit": "6GB"})
    con.execute(
        f"""
        create view joined as
        select t.*, m.mcc, coalesce(l.typology, '') as typology,
            row_number() over (partition by t.account_id, t.contra_type, t.contra_id
                order by t.sequence) = 1 as is_first
        from '{world}/transactions/*.parquet' t
        left join (
            select * from '{world}/labels/*.parquet'
            where phase not in ('SPENDING', 'RESTITUTION')
        ) l using (account_id, sequence)
        left join '{world}/merchants/*.parquet' m
            on t.contra_type = 'HUB' and t.contra_id = m.merchant_id
        """
    )
    features = con.sql(
        f"select typology, {PLAIN}, {HISTORY} from joined window {WINDOWS}"
    ).fetchnumpy()
    typologies = features.pop("typology").astype(str)
    columns = [np.ma.filled(np.ma.asarray(c, np.float32), np.nan) for c in features.values()]
    return np.column_stack(columns), list(features), typologies


def trained(features, is_crime):
    """A model of all crimes and a sample of the rest, which counts for those left out."""
    chosen = is_crime | (np.random.default_rng(SEED).random(len(is_crime)) < 1 / SAMPLE)
    weights = np.where(is_crime[chosen], 1, SAMPLE)
    model = HistGradientBoostingClassifier(
        max_iter=ROUNDS, learning_rate=0.06, max_leaf_nodes=31, min_samples_leaf=40,
        l2_regularization=5.0, early_stopping=False, random_state=SEED,
    )
    return model.fit(features[chosen], is_crime[chosen], sample_weight=weights)


def main(train, test):
    seen, names, typologies_seen = read(train)
    others, _, typologies = read(test)
    is_crime = typologies != ""
    plain = names.index("log_gap")
    scores = {}
    for label, columns in {"without history": plain, "with history": len(names)}.items():
        model = trained(seen[:, :columns], typologies_seen != "")
        scores[label] = model.predict_proba(others[:, :columns])[:, 1]
    alerts = len(is_crime) * BUDGET // 10_000
    print(f"trained on {len(seen):,} transactions, {(typologies_seen != '').sum():,} of crime")
    print(f"tested on {len(is_crime):,}, {is_crime.sum():,} of crime, with {alerts:,} alerts\n")
    print("| | by chance | " + " | ".join(scores) + " |")
    print("|---|---" + "|---" * len(scores) + "|")
    chance = is_crime.mean()
    precision = [average_precision_score(is_crime, score) for score in scores.values()]
    print(f"| PR-AUC | {chance:.4f} | " + " | ".join(f"{value:.3f}" for value in precision) + " |")
    raised = {label: np.zeros(len(score), bool) for label, score in scores.items()}
    for label, score in scores.items():
        raised[label][np.argsort(-score, kind="stable")[:alerts]] = True
    hits = " | ".join(f"{is_crime[chosen].mean():.1%}" for chosen in raised.values())
    print(f"| crime among the alerts | {chance:.2%} | {hits} |")
    for typology in ["all", *sorted(set(typologies) - {""})]:
        chosen = is_crime if typology == "all" else typologies == typology
        found = " | ".join(f"{alerted[chosen].mean():.1%}" for alerted in raised.values())
        print(f"| found of {typology} ({chosen.sum():,}) | {BUDGET / 10_000:.2%} | {found} |")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
