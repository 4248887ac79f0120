//! An export's folder: parts that are written on their own, by any number of threads and
//! processes, and a manifest of those that are whole.
//!
//! ```text
//! DIR/manifest.json
//! DIR/parts/part-00000-of-00016.json           record of a finished part, written last
//! DIR/users/part-00000-of-00016.parquet        and so on for every table
//! DIR/transactions/part-00000-of-00016.parquet
//! ```
//!
//! A file gets its name only when it is whole; until then it is hidden from readers behind a dot.
//! Whatever stops the program, every file with a name can be read, and every part with a record is
//! finished.

use std::fs::{self, File};
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use arrow_array::RecordBatch;
use mockbank_bank::{Account, Card, Catalog, PostingBatch, User};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::crime::{AlertRow, LabelRow};
use crate::error::{ExportError, Result};
use crate::format::TableWriter;
use crate::manifest::{ExportDescription, FileRecord, Manifest, PartRecord, Totals};
use crate::plan::Shard;
use crate::rows::Rows;
use crate::schema::Table;
use crate::settlement::Settlements;

pub(crate) const MANIFEST: &str = "manifest.json";
const RECORDS: &str = "parts";

/// An export's folder.
#[derive(Debug)]
pub struct Export {
    folder: PathBuf,
    description: ExportDescription,
    rows: Rows,
}

impl Export {
    /// Opens a folder to write parts of an export into, and makes it where it does not exist.
    ///
    /// # Errors
    /// If the folder holds another export, or cannot be written to.
    pub fn open(folder: &Path, description: ExportDescription, catalog: &Catalog) -> Result<Self> {
        let records = folder.join(RECORDS);
        fs::create_dir_all(&records).map_err(ExportError::at(&records))?;
        for table in description.tables() {
            let path = folder.join(table.name());
            fs::create_dir_all(&path).map_err(ExportError::at(&path))?;
        }
        if let Some(manifest) = read_json::<Manifest>(&folder.join(MANIFEST))?
            && manifest.export != description
        {
            return Err(ExportError::OtherExport(folder.to_owned()));
        }
        let export = Self { folder: folder.to_owned(), description, rows: Rows::new(catalog)? };
        export.write_manifest()?;
        Ok(export)
    }

    /// What the export is of and how it is cut.
    pub fn description(&self) -> &ExportDescription {
        &self.description
    }

    fn stem(&self, part: u32) -> String {
        format!("part-{part:05}-of-{:05}", self.description.plan.parts())
    }

    fn record_path(&self, part: u32) -> PathBuf {
        self.folder.join(RECORDS).join(self.stem(part)).with_extension("json")
    }

    /// Whether a part is whole on disk.
    pub fn is_finished(&self, part: u32) -> Result<bool> {
        let path = self.record_path(part);
        path.try_exists().map_err(ExportError::at(&path))
    }

    /// The parts of a shard that are to be written: the unfinished ones of an export that is
    /// resumed, else all of them.
    ///
    /// # Errors
    /// If a part is finished already and the export is not resumed.
    pub fn outstanding(&self, shard: Shard, resume: bool) -> Result<Vec<u32>> {
        let mut outstanding = Vec::new();
        for part in shard.parts(self.description.plan) {
            match (self.is_finished(part)?, resume) {
                (false, _) => outstanding.push(part),
                (true, true) => {}
                (true, false) => {
                    return Err(ExportError::PartExists { folder: self.folder.clone(), part });
                }
            }
        }
        Ok(outstanding)
    }

    /// Starts a part. Threads may each write a part of their own at the same time.
    ///
    /// The counterparties, which belong to no customer, are in part 0.
    ///
    /// # Errors
    /// If the part is finished already or does not exist, or a file cannot be written.
    pub fn part(&self, part: u32) -> Result<PartWriter<'_>> {
        let users = self.description.plan.users_of(part)?;
        if self.is_finished(part)? {
            return Err(ExportError::PartExists { folder: self.folder.clone(), part });
        }
        let mut tables = Vec::with_capacity(Table::ALL.len());
        for table in self.description.tables() {
            if table != Table::Merchants || part == 0 {
                tables.push(OpenTable::create(self, table, part)?);
            }
        }
        let record = PartRecord {
            part,
            first_user: *users.start(),
            last_user: *users.end(),
            files: Vec::new(),
            totals: Totals::default(),
        };
        let settlements = self.rows.open_settlements();
        let mut writer = PartWriter { export: self, tables, settlements, record };
        if part == 0 {
            writer.write(Table::Merchants, self.rows.merchants())?;
        }
        Ok(writer)
    }

    /// Writes the manifest of the parts that are whole on disk, other processes' included.
    pub fn write_manifest(&self) -> Result<Manifest> {
        let path = self.folder.join(MANIFEST);
        loop {
            let parts = self.finished_parts()?;
            let count = parts.len();
            let manifest = Manifest::new(self.description.clone(), parts);
            write_json(&path, &manifest)?;
            // Another process may have finished a part and written its manifest in between.
            if self.finished_parts()?.len() == count {
                return Ok(manifest);
            }
        }
    }

    fn finished_parts(&self) -> Result<Vec<PartRecord>> {
        let mut parts = Vec::new();
        for part in 0..self.description.plan.parts() {
            parts.extend(read_json(&self.record_path(part))?);
        }
        Ok(parts)
    }
}

/// Reads the manifest of the export in a folder; `None` if there is none.
pub fn read_manifest(folder: &Path) -> Result<Option<Manifest>> {
    read_json(&folder.join(MANIFEST))
}

/// Writes one part: customers with what they hold, and their postings.
///
/// Dropped without [`finish`](Self::finish) it leaves nothing behind that readers see.
pub struct PartWriter<'a> {
    export: &'a Export,
    tables: Vec<OpenTable>,
    settlements: Settlements,
    record: PartRecord,
}

impl PartWriter<'_> {
    fn write(&mut self, table: Table, rows: &RecordBatch) -> Result<()> {
        self.tables
            .iter_mut()
            .filter(|open| open.table == table)
            .try_for_each(|open| open.write(rows))
    }

    /// Adds customers.
    pub fn users(&mut self, users: &[User]) -> Result<()> {
        self.write(Table::Users, &self.export.rows.users(users)?)?;
        for user in users {
            self.record.totals.content_hash.add_user(user);
        }
        Ok(())
    }

    /// Adds deposit accounts, as they stand at the end of the exported time.
    pub fn accounts(&mut self, accounts: &[Account]) -> Result<()> {
        self.write(Table::Accounts, &self.export.rows.accounts(accounts)?)?;
        for account in accounts {
            self.record.totals.content_hash.add_account(account);
        }
        Ok(())
    }

    /// Adds cards, as they stand at the end of the exported time.
    pub fn cards(&mut self, cards: &[Card]) -> Result<()> {
        self.write(Table::Cards, &self.export.rows.cards(cards)?)?;
        for card in cards {
            self.record.totals.content_hash.add_card(card);
        }
        Ok(())
    }

    /// Adds postings. Batches that fit a core's cache, of some thousand rows, are written fastest.
    pub fn transactions(&mut self, postings: &PostingBatch) -> Result<()> {
        self.write(Table::Transactions, &self.export.rows.transactions(postings)?)?;
        self.record.totals.add(postings);
        self.settlements.add(postings);
        if self.settlements.is_full() { self.settle() } else { Ok(()) }
    }

    fn settle(&mut self) -> Result<()> {
        let settlements = self.settlements.take();
        self.record.totals.settle(&settlements);
        self.write(Table::Settlements, &self.export.rows.settlements(&settlements)?)
    }

    /// Adds labels; an export that is not labelled has no table for them.
    pub fn labels(&mut self, labels: &[LabelRow]) -> Result<()> {
        self.write(Table::Labels, &self.export.rows.labels(labels)?)
    }

    /// Adds alerts; an export that is not labelled has no table for them.
    pub fn alerts(&mut self, alerts: &[AlertRow]) -> Result<()> {
        self.write(Table::Alerts, &self.export.rows.alerts(alerts)?)
    }

    /// Finishes the files, gives them their names, and puts the part on record.
    pub fn finish(mut self) -> Result<PartRecord> {
        self.settle()?;
        for table in self.tables {
            self.record.files.push(table.finish(&self.export.folder)?);
        }
        write_json(&self.export.record_path(self.record.part), &self.record)?;
        Ok(self.record)
    }
}

struct OpenTable {
    table: Table,
    writer: Box<dyn TableWriter>,
    rows: u64,
    hidden: Hidden,
    name: String,
}

impl OpenTable {
    fn create(export: &Export, table: Table, part: u32) -> Result<Self> {
        let format = export.description.file_format;
        let name = format!("{}.{}", export.stem(part), format.name());
        let hidden = Hidden(export.folder.join(table.name()).join(format!(".{name}.tmp")));
        let file = File::create(&hidden.0).map_err(ExportError::at(&hidden.0))?;
        Ok(Self { table, writer: format.writer(table, file)?, rows: 0, hidden, name })
    }

    fn write(&mut self, rows: &RecordBatch) -> Result<()> {
        if rows.num_rows() == 0 {
            return Ok(());
        }
        self.rows += rows.num_rows() as u64;
        self.writer.write(rows)
    }

    fn finish(self, folder: &Path) -> Result<FileRecord> {
        let file = self.writer.finish()?;
        let path = format!("{}/{}", self.table.name(), self.name);
        let bytes = self.hidden.publish(&file, &folder.join(&path))?;
        Ok(FileRecord { table: self.table, path, rows: self.rows, bytes })
    }
}

/// A file that readers do not see yet; removed when it is dropped.
struct Hidden(PathBuf);

impl Hidden {
    /// Gives the file its name once its content is on disk, and says how large it is.
    fn publish(self, file: &File, path: &Path) -> Result<u64> {
        file.sync_all().map_err(ExportError::at(&self.0))?;
        let bytes = file.metadata().map_err(ExportError::at(&self.0))?.len();
        fs::rename(&self.0, path).map_err(ExportError::at(path))?;
        Ok(bytes)
    }
}

impl Drop for Hidden {
    fn drop(&mut self) {
        // After `publish` there is nothing left to remove; where removing fails the file stays
        // hidden and the next run writes over it.
        let _ = fs::remove_file(&self.0);
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    match fs::read(path) {
        Ok(text) => serde_json::from_slice(&text)
            .map(Some)
            .map_err(|source| ExportError::Manifest { path: path.to_owned(), source }),
        Err(failure) if failure.kind() == ErrorKind::NotFound => Ok(None),
        Err(failure) => Err(ExportError::at(path)(failure)),
    }
}

pub(crate) fn write_json(path: &Path, value: &impl Serialize) -> Result<()> {
    let text = serde_json::to_vec_pretty(value)
        .map_err(|source| ExportError::Manifest { path: path.to_owned(), source })?;
    // Processes that share the folder must not write into each other's unfinished file.
    let hidden = Hidden(path.with_extension(format!("json.{}.tmp", std::process::id())));
    let mut file = File::create(&hidden.0).map_err(ExportError::at(&hidden.0))?;
    file.write_all(&text).map_err(ExportError::at(&hidden.0))?;
    hidden.publish(&file, path)?;
    Ok(())
}
