//! Differences as a table, as CSV and as JSON, line by line as they are found.

use std::io::Write;

use mockbank_bank::{Catalog, LedgerAccount, Posting};
use mockbank_world::{Comparison, Difference, Rows, Tally};
use serde::Serialize;
use serde_json::value::RawValue;

use crate::output::{self, major};

/// Days that the sums of a table name, those at which the worlds begin to differ.
const TABLE_DAYS: usize = 10;

/// Shows the differences of two worlds.
pub(super) trait Show {
    /// Shows a line that differs.
    fn line(&mut self, difference: &Difference, catalogs: &[Catalog; 2]) -> anyhow::Result<()>;

    /// Shows what the differences add up to; some lines may not have been shown.
    fn sums(&mut self, comparison: &Comparison, hidden: u64) -> anyhow::Result<()>;
}

/// A line with its texts.
#[derive(Serialize)]
struct Line<'a> {
    sequence: u64,
    posted_at: String,
    kind: &'static str,
    category: &'a str,
    amount: Box<RawValue>,
    card_id: Option<String>,
    balance: Box<RawValue>,
    description: &'a str,
    location: &'a str,
    counterparty: String,
}

impl<'a> Line<'a> {
    fn new(line: &Posting, catalog: &'a Catalog) -> anyhow::Result<Self> {
        let text =
            |texts: &'a [String], number: usize| texts.get(number).map_or("", String::as_str);
        let balance = if line.card.is_some() { line.card_balance } else { line.balance };
        Ok(Self {
            sequence: line.sequence,
            posted_at: line.at.to_string(),
            kind: line.kind.name(),
            category: text(&catalog.categories, line.category.into()),
            amount: number(line.amount.minor().into())?,
            card_id: line.card.map(|card| card.to_string()),
            balance: number(balance.minor().into())?,
            description: text(&catalog.descriptions, line.description as usize),
            location: text(&catalog.places, line.place as usize),
            counterparty: counterparty(line, catalog),
        })
    }
}

fn counterparty(line: &Posting, catalog: &Catalog) -> String {
    match line.contra {
        LedgerAccount::Bank(account) => account.name().to_owned(),
        LedgerAccount::Hub(hub) => {
            catalog.hubs.get(hub.0 as usize).map(|hub| hub.name.clone()).unwrap_or_default()
        }
        LedgerAccount::Deposit(account) => account.to_string(),
        LedgerAccount::Card(card) => card.to_string(),
    }
}

/// A JSON number that no float has touched.
fn number(minor: i128) -> serde_json::Result<Box<RawValue>> {
    RawValue::from_string(major(minor))
}

/// Lines like those of `diff`, then tables of sums.
pub(super) struct Table<W>(W);

impl<W: Write> Table<W> {
    pub(super) fn new(mut out: W, names: &[String]) -> anyhow::Result<Self> {
        for (sign, name) in ["---", "+++"].iter().zip(names) {
            writeln!(out, "{sign} {name}")?;
        }
        writeln!(out)?;
        Ok(Self(out))
    }
}

impl<W: Write> Show for Table<W> {
    fn line(&mut self, difference: &Difference, catalogs: &[Catalog; 2]) -> anyhow::Result<()> {
        let signs = if matches!(difference, Difference::Changed { .. }) { "<>" } else { "-+" };
        let lines = signs.chars().zip(difference.lines()).zip(catalogs);
        for ((sign, line), catalog) in lines {
            let Some(posting) = line else { continue };
            let line = Line::new(posting, catalog)?;
            writeln!(
                self.0,
                "{sign} {:<9} {}  {:<12} {:>11}  {}",
                posting.account.to_string(),
                line.posted_at,
                line.kind,
                line.amount.get(),
                line.description,
            )?;
        }
        Ok(())
    }

    fn sums(&mut self, comparison: &Comparison, hidden: u64) -> anyhow::Result<()> {
        let out = &mut self.0;
        if hidden > 0 {
            writeln!(
                out,
                "and {} more: --limit 0 shows all",
                output::plural(hidden, "difference")
            )?;
        }
        let Comparison { total, same, carried, holders, .. } = comparison;
        if let Some(day) = comparison.first_day() {
            let (kinds, days) = (&comparison.by_kind, &comparison.by_day);
            let kinds = kinds.iter().map(|(kind, tally)| ((*kind).to_owned(), tally));
            let categories = comparison.by_category.iter();
            let categories = categories.map(|(category, tally)| (category.clone(), tally));
            let first = days.iter().take(TABLE_DAYS).map(|(day, tally)| (day.to_string(), tally));
            writeln!(out, "\n{}\n", sums_table("Kind", kinds, Some(total)))?;
            writeln!(out, "{}\n", sums_table("Category", categories, None))?;
            writeln!(out, "{}", sums_table("Day", first, None))?;
            if let later @ 1.. = days.len().saturating_sub(TABLE_DAYS) {
                writeln!(out, "and {} more", output::plural(later as u64, "day"))?;
            }
            writeln!(out, "\nThe first difference is on {day}.")?;
        }
        if comparison.is_same() {
            writeln!(out, "The worlds are the same: {}.", output::plural(*same, "line"))?;
        } else {
            writeln!(
                out,
                "{} the same, {carried} more but for what came before them; customers, accounts \
                 and cards that differ: {}, {}, {}",
                output::plural(*same, "line"),
                holders.users,
                holders.accounts,
                holders.cards,
            )?;
        }
        Ok(out.flush()?)
    }
}

fn sums_table<'a>(
    name: &str,
    tallies: impl Iterator<Item = (String, &'a Tally)>,
    total: Option<&'a Tally>,
) -> comfy_table::Table {
    let header = [name, "Added", "Amount", "Removed", "Amount", "Changed", "By", "In all"];
    let mut table = output::table(&header, &[1, 2, 3, 4, 5, 6, 7]);
    for (key, tally) in tallies.chain(total.map(|total| ("all".to_owned(), total))) {
        let rows = [tally.added, tally.removed, tally.changed];
        let mut cells = vec![key];
        for Rows { count, amount } in rows {
            cells.extend([count.to_string(), major(amount)]);
        }
        cells.push(major(tally.net()));
        table.add_row(cells);
    }
    table
}

/// Lines alone; one that changed comes twice.
pub(super) struct Csv<W>(W);

impl<W: Write> Csv<W> {
    pub(super) fn new(mut out: W) -> anyhow::Result<Self> {
        writeln!(
            out,
            "change,world,transaction_id,account_id,sequence,posted_at,kind,category,amount,\
             card_id,balance,description,location,counterparty"
        )?;
        Ok(Self(out))
    }
}

/// A cell as RFC 4180 wants it.
fn quoted(text: &str) -> String {
    if text.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

const fn change(difference: &Difference) -> &'static str {
    match difference {
        Difference::Added(_) => "added",
        Difference::Removed(_) => "removed",
        Difference::Changed { .. } => "changed",
    }
}

impl<W: Write> Show for Csv<W> {
    fn line(&mut self, difference: &Difference, catalogs: &[Catalog; 2]) -> anyhow::Result<()> {
        let lines = ["before", "after"].into_iter().zip(difference.lines()).zip(catalogs);
        for ((world, line), catalog) in lines {
            let Some(posting) = line else { continue };
            let line = Line::new(posting, catalog)?;
            writeln!(
                self.0,
                "{},{world},{},{},{},{},{},{},{},{},{},{},{},{}",
                change(difference),
                posting.transaction_id(),
                posting.account,
                line.sequence,
                line.posted_at,
                line.kind,
                quoted(line.category),
                line.amount.get(),
                line.card_id.unwrap_or_default(),
                line.balance.get(),
                quoted(line.description),
                quoted(line.location),
                quoted(&line.counterparty),
            )?;
        }
        Ok(())
    }

    fn sums(&mut self, _: &Comparison, _: u64) -> anyhow::Result<()> {
        Ok(self.0.flush()?)
    }
}

/// One document, written as it grows.
pub(super) struct Json<W> {
    out: W,
    lines: u64,
}

#[derive(Serialize)]
struct DifferenceFigures<'a> {
    change: &'static str,
    transaction_id: String,
    account_id: String,
    before: Option<Line<'a>>,
    after: Option<Line<'a>>,
}

#[derive(Serialize)]
struct TallyFigures {
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
    added: u64,
    added_amount: Box<RawValue>,
    removed: u64,
    removed_amount: Box<RawValue>,
    changed: u64,
    changed_amount: Box<RawValue>,
    net_amount: Box<RawValue>,
}

#[derive(Serialize)]
struct Figures {
    same: bool,
    first_day: Option<String>,
    same_lines: u64,
    carried_lines: u64,
    differing_users: u64,
    differing_accounts: u64,
    differing_cards: u64,
    total: TallyFigures,
    by_kind: Vec<TallyFigures>,
    by_category: Vec<TallyFigures>,
    by_day: Vec<TallyFigures>,
}

impl TallyFigures {
    fn new(key: Option<String>, tally: &Tally) -> serde_json::Result<Self> {
        Ok(Self {
            key,
            added: tally.added.count,
            added_amount: number(tally.added.amount)?,
            removed: tally.removed.count,
            removed_amount: number(tally.removed.amount)?,
            changed: tally.changed.count,
            changed_amount: number(tally.changed.amount)?,
            net_amount: number(tally.net())?,
        })
    }

    fn all<'a, K: ToString + 'a>(
        tallies: impl IntoIterator<Item = (&'a K, &'a Tally)>,
    ) -> serde_json::Result<Vec<Self>> {
        tallies.into_iter().map(|(key, tally)| Self::new(Some(key.to_string()), tally)).collect()
    }
}

impl<W: Write> Json<W> {
    pub(super) fn new(mut out: W, names: &[String]) -> anyhow::Result<Self> {
        write!(out, "{{\"worlds\": {},\n\"lines\": [", serde_json::to_string(names)?)?;
        Ok(Self { out, lines: 0 })
    }
}

impl<W: Write> Show for Json<W> {
    fn line(&mut self, difference: &Difference, catalogs: &[Catalog; 2]) -> anyhow::Result<()> {
        let [before, after] = difference.lines();
        let line = difference.line();
        let figures = DifferenceFigures {
            change: change(difference),
            transaction_id: line.transaction_id().to_string(),
            account_id: line.account.to_string(),
            before: before.map(|line| Line::new(line, &catalogs[0])).transpose()?,
            after: after.map(|line| Line::new(line, &catalogs[1])).transpose()?,
        };
        self.out.write_all(if self.lines == 0 { b"\n" } else { b",\n" })?;
        serde_json::to_writer(&mut self.out, &figures)?;
        self.lines += 1;
        Ok(())
    }

    fn sums(&mut self, comparison: &Comparison, _: u64) -> anyhow::Result<()> {
        let figures = Figures {
            same: comparison.is_same(),
            first_day: comparison.first_day().map(|day| day.to_string()),
            same_lines: comparison.same,
            carried_lines: comparison.carried,
            differing_users: comparison.holders.users,
            differing_accounts: comparison.holders.accounts,
            differing_cards: comparison.holders.cards,
            total: TallyFigures::new(None, &comparison.total)?,
            by_kind: TallyFigures::all(&comparison.by_kind)?,
            by_category: TallyFigures::all(&comparison.by_category)?,
            by_day: TallyFigures::all(&comparison.by_day)?,
        };
        writeln!(self.out, "\n],\n\"summary\": {}}}", serde_json::to_string_pretty(&figures)?)?;
        Ok(self.out.flush()?)
    }
}
