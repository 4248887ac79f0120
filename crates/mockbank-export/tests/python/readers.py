"""Opens an export with DuckDB, Polars and PyArrow and holds it against its manifest.

Usage: readers.py DIR
"""

import json
import sys
from decimal import Decimal
from pathlib import Path

import duckdb
import polars
import pyarrow
import pyarrow.ipc

CENT = Decimal("0.01")


def check(name, found, expected):
    if found != expected:
        sys.exit(f"{name}: found {found!r}, expected {expected!r}")


def expected_of(manifest):
    totals = manifest["totals"]
    return (
        manifest["rows"]["transactions"],
        -Decimal(totals["debit_minor"]) * CENT,
        Decimal(totals["credit_minor"]) * CENT,
    )


def with_duckdb(folder, ending, manifest):
    source = {
        "parquet": "read_parquet('{}')",
        "csv": "read_csv('{}', types={{'amount': 'DECIMAL(18,2)'}})",
        "jsonl": "read_json('{}', columns={{account_id: 'BIGINT', card_id: 'BIGINT', "
        "amount: 'DECIMAL(18,2)', posted_at: 'TIMESTAMPTZ', description: 'VARCHAR'}})",
    }[ending].format(folder / "transactions" / f"*.{ending}")
    duckdb.sql("set timezone = 'UTC'")
    types = dict(duckdb.sql(f"select column_name, column_type from (describe from {source})").fetchall())
    check("duckdb amount", types["amount"], "DECIMAL(18,2)")
    check("duckdb posted_at", types["posted_at"], "TIMESTAMP WITH TIME ZONE")
    check("duckdb description", types["description"], "VARCHAR")
    check("duckdb account_id", types["account_id"], "BIGINT")
    sums = duckdb.sql(
        "select count(*), sum(amount) filter (amount < 0), sum(amount) filter (amount >= 0) "
        f"from {source}"
    ).fetchall()[0]
    check("duckdb sums", sums, expected_of(manifest))
    if ending == "parquet":
        accounts = f"read_parquet('{folder / 'accounts' / '*.parquet'}')"
        wrong = duckdb.sql(
            f"select count(*) from {accounts} a join (select account_id, sum(amount) moved "
            f"from {source} where card_id is null group by 1) t using (account_id) "
            "where opening_balance + moved <> balance"
        ).fetchall()
        check("duckdb accounts that do not reconcile", wrong, [(0,)])
        check("duckdb identifiers that stand twice", repeated_identifiers(source), [])
        settlements = f"read_parquet('{folder / 'settlements' / '*.parquet'}')"
        check("duckdb days that do not settle", unsettled_days(source, settlements), [])


def unsettled_days(source, settlements):
    return duckdb.sql(
        f"select day, sum(moved) from (select posted_at::date as day, amount as moved from {source} "
        f"union all select settled_on, credit - debit from {settlements}) "
        "group by 1 having sum(moved) <> 0"
    ).fetchall()


def repeated_identifiers(source):
    """Computes transactions' identifiers as the data dictionary says."""
    return duckdb.sql(
        "select account_id::hugeint * (1::hugeint << 54) + date_diff('day', date '1970-01-01', "
        "posted_at::date)::hugeint * (1::hugeint << 38) + stream::hugeint * (1::hugeint << 30) + "
        f"stream_index id from {source} group by all having count(*) > 1"
    ).fetchall()


def with_polars(folder, ending, manifest):
    files = str(folder / "transactions" / f"*.{ending}")
    if ending == "parquet":
        rows = polars.scan_parquet(files)
    else:
        rows = polars.scan_ipc(files)
    schema = rows.collect_schema()
    check("polars amount", schema["amount"], polars.Decimal(18, 2))
    check("polars posted_at", schema["posted_at"], polars.Datetime("ms", "UTC"))
    check("polars description", schema["description"], polars.Categorical)
    check("polars account_id", schema["account_id"], polars.Int64)
    amount = polars.col("amount")
    sums = rows.select(
        polars.len(),
        amount.filter(amount < 0).sum().alias("debit"),
        amount.filter(amount >= 0).sum().alias("credit"),
    )
    check("polars sums", sums.collect().row(0), expected_of(manifest))


def with_pyarrow(folder, manifest):
    count = 0
    for path in (folder / "transactions").glob("*.arrow"):
        with pyarrow.ipc.open_file(path) as file:
            check("pyarrow amount", file.schema.field("amount").type, pyarrow.decimal128(18, 2))
            count += file.read_all().num_rows
    check("pyarrow rows", count, manifest["rows"]["transactions"])


def main(folder):
    manifest = json.loads((folder / "manifest.json").read_text())
    check("complete", manifest["complete"], True)
    ending = manifest["file_format"]
    if ending in ("parquet", "arrow"):
        with_polars(folder, ending, manifest)
    if ending == "arrow":
        with_pyarrow(folder, manifest)
    else:
        with_duckdb(folder, ending, manifest)


main(Path(sys.argv[1]))
