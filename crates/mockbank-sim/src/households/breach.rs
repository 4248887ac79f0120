//! A data breach at a merchant: who paid there in a window may find the card abused afterwards.

use mockbank_bank::{Catalog, Day, HubId, LedgerAccount};

use super::random::uniform;
use crate::preset::households::{Change, Scenario};
use crate::randomness::{WorldKey, below_u32, stream};

/// A scenario's breach.
#[derive(Clone, Copy, Debug)]
struct Breach {
    merchant: LedgerAccount,
    from: Day,
    to: Day,
    /// Share of the exposed customers whose card is abused.
    share: f64,
}

/// All breaches of a world.
#[derive(Clone, Debug)]
pub(crate) struct Breaches {
    key: WorldKey,
    breaches: Vec<Breach>,
}

/// Index of the draws of breaches, beyond those of the blocks of cases.
const BREACHES: u32 = 1 << 20;
/// Days after the breach within which stolen cards are used.
const FIRST_USE: u32 = 3;
const USES: u32 = 45;
/// Days on which one card is abused.
const LASTS: u16 = 2;

impl Breach {
    /// The breach of a scenario, if it is one; `hub` finds a merchant by name.
    fn of(scenario: &Scenario, hub: impl Fn(&str) -> Option<LedgerAccount>) -> Option<Self> {
        let merchant = scenario.merchant.as_deref().and_then(hub)?;
        let is_breach = scenario.change == Change::Breach;
        let (to, share) = (scenario.to?, scenario.share?);
        is_breach.then_some(Self { merchant, from: scenario.from, to, share })
    }

    /// Whether a payment exposes the card it was made with.
    fn exposes(&self, day: Day, contra: LedgerAccount) -> bool {
        self.merchant == contra && (self.from..=self.to).contains(&day)
    }
}

impl Breaches {
    /// Those of a world's scenarios; the catalogue knows the merchants.
    pub(crate) fn new(key: WorldKey, scenarios: &[Scenario], catalog: &Catalog) -> Self {
        let hub = |name: &str| catalog.hubs.iter().position(|hub| hub.name == name);
        let account = |name: &str| Some(LedgerAccount::Hub(HubId(u32::try_from(hub(name)?).ok()?)));
        let breaches = scenarios.iter().filter_map(|row| Breach::of(row, account)).collect();
        Self { key, breaches }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.breaches.is_empty()
    }

    /// The breach that a payment falls into, counted from one.
    pub(crate) fn exposing(&self, day: Day, contra: LedgerAccount) -> Option<u8> {
        let breaches = (1..).zip(&self.breaches);
        breaches.filter(|(_, breach)| breach.exposes(day, contra)).map(|(index, _)| index).last()
    }

    /// The breach by which an exposed customer's card is abused on a day, by its number: `exposed`
    /// is that number plus one.
    pub(crate) fn abused(&self, number: u64, exposed: u8, day: Day) -> Option<u16> {
        let index = exposed.checked_sub(1)?;
        let breach = self.breaches.get(usize::from(index))?;
        let address = BREACHES + u32::from(index);
        let draw = self.key.draw(number, stream::CRIME, Day::default(), address);
        if uniform(draw.lane(0)) >= breach.share {
            return None;
        }
        let first = FIRST_USE + below_u32(draw.lane(1), USES);
        let first = breach.to.number().saturating_add(u16::try_from(first).unwrap_or(0));
        (first..first.saturating_add(LASTS)).contains(&day.number()).then_some(index.into())
    }
}
