//! Letting time pass while others work on the world: piece by piece, each short.

use mockbank_bank::Instant;
use mockbank_sim::Preset;
use mockbank_store::{WorldInfo, Writer};

use crate::error::Result;
use crate::evolve::{Evolved, evolve};
use crate::watch::Unwatched;
use crate::workers::Workers;

/// Customer-days in one piece: some tenths of a second of work, for which orders wait.
const CUSTOMER_DAYS: u64 = 1 << 16;

const SECONDS_PER_DAY: u64 = 86_400;

/// The shortest piece of time, in seconds: reading and writing every customer costs as much
/// however little time passes.
const SHORTEST: u64 = 6 * 3600;

/// The longest piece of time, in seconds.
const LONGEST: u64 = 31 * SECONDS_PER_DAY;

/// Lets the next piece of time on the way to `target` pass, and says how far it came. At or past
/// `target` nothing happens.
pub fn advance(writer: &mut dyn Writer, target: Instant, workers: &Workers) -> Result<Evolved> {
    let info = writer.begin()?.world()?;
    let piece = CUSTOMER_DAYS * SECONDS_PER_DAY / info.counts.users.max(1);
    let piece = piece.clamp(SHORTEST, LONGEST).cast_signed();
    let left = target.seconds().saturating_sub(info.clock.seconds()).max(0);
    evolve(writer, left.min(piece), workers, &Unwatched)
}

/// Names of the spending profiles that the cards of a world can have.
pub fn spending_profiles(info: &WorldInfo) -> Result<Vec<String>> {
    let preset = Preset::parse(&info.preset_text)?;
    Ok(preset.profiles().map(str::to_owned).collect())
}
