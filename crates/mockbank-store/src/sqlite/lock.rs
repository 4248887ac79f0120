//! The right to write a folder, which one process has at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::{Result, StoreError};

const LOCK: &str = "mockbank.lock";

/// Longest description of a holder that is read from the lock file, in bytes.
const HOLDER_LENGTH: u64 = 200;

/// A lock of the operating system on the folder's lock file: it ends with the process, however
/// that ends, and the file that stays behind means nothing.
#[derive(Debug)]
pub(super) struct WriterLock {
    file: File,
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        // Closing is not enough: a process that is just being started has the file too, until it
        // runs its own program. Should this fail, that moment is all that it costs.
        let _ = self.file.unlock();
    }
}

impl WriterLock {
    /// Takes the lock, or says who has it.
    pub(super) fn acquire(folder: &Path) -> Result<Self> {
        let path = folder.join(LOCK);
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .map_err(StoreError::file(&path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Busy { path: folder.to_owned(), holder: holder(file) });
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::file(&path)(error)),
        }
        sign(&mut file).map_err(StoreError::file(&path))?;
        Ok(Self { file })
    }
}

/// Writes who holds the lock, for the message that others get.
fn sign(file: &mut File) -> std::io::Result<()> {
    let command: Vec<_> =
        std::env::args_os().take(2).map(|word| word.to_string_lossy().into_owned()).collect();
    file.set_len(0)?;
    file.rewind()?;
    write!(file, "process {}, {}", std::process::id(), command.join(" "))
}

fn holder(file: File) -> Option<String> {
    let mut text = String::new();
    // A holder that is just signing, or bytes that are no text, only make the message shorter.
    file.take(HOLDER_LENGTH).read_to_string(&mut text).ok()?;
    (!text.is_empty()).then_some(text)
}
