//! Files as the archive of a world: hands on what the world gives, and shows what was written.

use std::collections::BTreeMap;
use std::path::Path;

use mockbank_bank::{Account, Card, PostingBatch, User};
use mockbank_export::{
    AlertRow, Export, ExportDescription, LabelRow, Manifest, PartWriter, Plan, Totals,
    WorldDescription,
};
use mockbank_sim::{Phase, Role, Typology};
use mockbank_world::{Archive, ArchivePart, ArchiveResult, Crime, Piece};
use serde::Serialize;

use crate::cli;
use crate::failure::Failure;
use crate::output;

/// Days that the customers of a part live through together, unless the user says otherwise: some
/// ten megabytes of Parquet.
const CUSTOMER_DAYS_IN_PART: u64 = 2_000_000;

/// An export's folder as an archive.
pub(crate) struct Files(pub(crate) Export);

struct FilesPart<'a>(PartWriter<'a>);

impl Archive for Files {
    fn part(&self, number: u32) -> ArchiveResult<Box<dyn ArchivePart + '_>> {
        Ok(Box::new(FilesPart(self.0.part(number)?)))
    }
}

impl ArchivePart for FilesPart<'_> {
    fn add_customers(
        &mut self,
        users: &[User],
        accounts: &[Account],
        cards: &[Card],
    ) -> ArchiveResult<()> {
        self.0.users(users)?;
        self.0.accounts(accounts)?;
        Ok(self.0.cards(cards)?)
    }

    fn add_postings(&mut self, postings: &PostingBatch) -> ArchiveResult<()> {
        Ok(self.0.transactions(postings)?)
    }

    fn add_crime(&mut self, crime: &Crime) -> ArchiveResult<()> {
        self.0.labels(&label_rows(crime)?)?;
        Ok(self.0.alerts(&alert_rows(crime))?)
    }

    fn finish(self: Box<Self>) -> ArchiveResult<()> {
        self.0.finish()?;
        Ok(())
    }
}

fn label_rows(crime: &Crime) -> ArchiveResult<Vec<LabelRow>> {
    let Crime { labels, label_sequences, .. } = crime;
    let row = |row: usize| {
        Some(LabelRow {
            account: labels.account[row],
            sequence: label_sequences[row],
            scheme: labels.scheme[row],
            typology: Typology::from_code(labels.typology[row])?.name(),
            role: Role::from_code(labels.role[row])?.name(),
            phase: Phase::from_code(labels.phase[row])?.name(),
            hop: labels.hop[row],
            taint: labels.taint[row],
        })
    };
    let rows: Option<Vec<_>> = (0..labels.len()).map(row).collect();
    Ok(rows.ok_or("a label has a code that stands for nothing")?)
}

fn alert_rows(crime: &Crime) -> Vec<AlertRow> {
    let Crime { alerts, alert_sequences, .. } = crime;
    let row = |row: usize| AlertRow {
        account: alerts.account[row],
        sequence: alert_sequences[row],
        alerted: alerts.alerted[row],
        decided: alerts.decided[row],
        confirmed: alerts.confirmed[row],
    };
    (0..alerts.len()).map(row).collect()
}

/// What is exported: a world of so many customers and days, in the files that were asked for.
pub(crate) fn describe(
    files: &cli::Files,
    world: WorldDescription,
    users: u64,
    days: u64,
) -> anyhow::Result<ExportDescription> {
    let in_part = (CUSTOMER_DAYS_IN_PART / days.max(1)).max(1);
    let users_per_part = files.users_per_part.map_or(in_part, |users| users.get().into());
    Ok(ExportDescription::new(world, Plan::new(users, users_per_part)?, files.format.0))
}

/// The customers of some parts.
pub(crate) fn pieces(plan: Plan, parts: &[u32]) -> anyhow::Result<Vec<Piece>> {
    let piece = |part: &u32| Ok(Piece { part: *part, numbers: plan.users_of(*part)? });
    parts.iter().map(piece).collect()
}

#[derive(Serialize)]
struct Figures<'a> {
    out: String,
    interrupted: bool,
    complete: bool,
    parts: u32,
    finished_parts: usize,
    rows: BTreeMap<&'static str, u64>,
    bytes: u64,
    #[serde(flatten)]
    totals: &'a Totals,
}

/// Shows what an export holds, and fails if a signal stopped it.
pub(crate) fn report(
    out: &Path,
    manifest: &Manifest,
    interrupted: bool,
    json: bool,
) -> anyhow::Result<()> {
    let files = || manifest.parts.iter().flat_map(|part| &part.files);
    let figures = Figures {
        out: out.display().to_string(),
        interrupted,
        complete: manifest.complete,
        parts: manifest.export.plan.parts(),
        finished_parts: manifest.parts.len(),
        rows: manifest.rows.iter().map(|(table, rows)| (table.name(), *rows)).collect(),
        bytes: files().map(|file| file.bytes).sum(),
        totals: &manifest.totals,
    };
    if json {
        output::json(&figures)?;
    } else {
        output::text(&in_words(&figures, manifest))?;
    }
    if interrupted { Err(Failure::Interrupted.into()) } else { Ok(()) }
}

fn in_words(figures: &Figures<'_>, manifest: &Manifest) -> String {
    let world = &manifest.export.world;
    let stopped = if figures.interrupted {
        "Interrupted. The finished parts are whole; go on with --resume.\n"
    } else {
        ""
    };
    let rows: Vec<_> =
        manifest.rows.iter().map(|(table, rows)| format!("{rows} {}", table.name())).collect();
    let which = if manifest.complete {
        output::plural(figures.parts.into(), "part")
    } else {
        let finished: Vec<u32> = manifest.parts.iter().map(|part| part.part).collect();
        format!("parts finished of {}: {}", figures.parts, ranges(&finished))
    };
    format!(
        "{stopped}The world '{}' (seed {}) from {} to {} in {}\n\
         {}\n\
         {} {currency} debited, {} {currency} credited\n\
         {which}, {} bytes\n\
         content {}\n",
        world.preset,
        world.seed,
        world.start,
        world.clock,
        figures.out,
        rows.join(", "),
        output::major(figures.totals.debit_minor),
        output::major(figures.totals.credit_minor),
        figures.bytes,
        figures.totals.content_hash,
        currency = world.currency,
    )
}

/// Numbers in order, those that follow each other as a range: `0-3, 7`.
fn ranges(numbers: &[u32]) -> String {
    if numbers.is_empty() {
        return "none".to_owned();
    }
    let follows = |a: &u32, b: &u32| a + 1 == *b;
    let range = |run: &[u32]| match run {
        [first, .., last] => format!("{first}-{last}"),
        run => run.iter().map(ToString::to_string).collect(),
    };
    numbers.chunk_by(follows).map(range).collect::<Vec<_>>().join(", ")
}

/// Prints what the tables and columns mean.
pub(crate) fn print_dictionary(json: bool) -> anyhow::Result<()> {
    if json {
        output::text(&(mockbank_export::dictionary::json()? + "\n"))
    } else {
        output::text(&mockbank_export::dictionary::markdown())
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn numbers_in_a_row_are_a_range() {
        assert_eq!(super::ranges(&[0, 1, 2, 4, 6, 7]), "0-2, 4, 6-7");
        assert_eq!(super::ranges(&[]), "none");
    }
}
