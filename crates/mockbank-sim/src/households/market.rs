//! Whom households deal with: employers, shops, payees, and everybody elsewhere.

use std::collections::BTreeMap;

use mockbank_bank::catalog::{self, category};
use mockbank_bank::{Catalog, Hub, HubId, HubRole, LedgerAccount};

use crate::distribution::AliasTable;
use crate::preset::HouseholdsPreset;
use crate::preset::households::Payee;
use crate::randomness::below_u32;
use crate::tables;

/// A counterparty as postings name it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Counterparty {
    pub(crate) account: LedgerAccount,
    pub(crate) category: u16,
    pub(crate) description: u32,
}

/// Texts and numbers that postings of the bank itself carry.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Texts {
    pub(crate) cash: u16,
    pub(crate) fees: u16,
    pub(crate) interest: u16,
    pub(crate) savings: u16,
    pub(crate) withdrawal: u32,
    pub(crate) cash_deposit: u32,
    pub(crate) to_savings: u32,
    pub(crate) from_savings: u32,
    pub(crate) savings_interest: u32,
    pub(crate) card_interest: u32,
    pub(crate) late_fee: u32,
    pub(crate) overdraft_fee: u32,
    pub(crate) returned_fee: u32,
    pub(crate) carried: u32,
    pub(crate) bonus: u32,
    pub(crate) company_pension: u32,
}

/// The shops of a kind: chains, and independent ones by city.
#[derive(Clone, Debug)]
struct Kind {
    chains: Vec<Counterparty>,
    chain_choice: AliasTable,
    /// First of the independent shops of each city, and the end of the last.
    bounds: Vec<u32>,
    independents: Vec<Counterparty>,
}

/// All counterparties of a world.
#[derive(Clone, Debug)]
pub(crate) struct Market {
    pub(crate) employers: u32,
    pub(crate) first_wages: u32,
    employer_choice: AliasTable,
    kinds: BTreeMap<u16, Kind>,
    /// Payees of each bill, in the preset's order.
    pub(crate) payees: Vec<Vec<Counterparty>>,
    pub(crate) benefits: Counterparty,
    pub(crate) pension: Counterparty,
    pub(crate) tax_refund: Counterparty,
    pub(crate) parents: Counterparty,
    pub(crate) platforms: [Counterparty; 3],
    pub(crate) people_out: Counterparty,
    pub(crate) people_in: Counterparty,
    pub(crate) brokers: Counterparty,
    pub(crate) texts: Texts,
}

/// How often the n-th largest employer pays: as 1 / n^0.6.
const EMPLOYER_EXPONENT: f64 = 0.6;
/// Of a kind in a city.
const MOST_INDEPENDENTS: f64 = 2_000.0;

impl Market {
    /// The counterparties of a preset, entered in the catalogue; the cities' are those of the
    /// table.
    pub(crate) fn enter(preset: &HouseholdsPreset, catalog: &mut Catalog) -> Self {
        let mut book = Entries { catalog };
        let (employers, first_wages) = book.employers();
        let weight = |rank: u32| scaled(libm::pow(f64::from(rank), -EMPLOYER_EXPONENT));
        let weights: Vec<u64> = (1..=employers).map(weight).collect();
        let kinds = book.shops(preset);
        let payees = preset.bills.iter().map(|bill| book.payees(bill)).collect();
        let income = category::INCOME;
        let government = HubRole::Government;
        let platform = |book: &mut Entries<'_>, name: &str| {
            book.hub(HubRole::Employer, name, 0, income, format!("Payout from {name}"))
        };
        let platforms =
            ["Rideabout", "Parcel Hop", "Handy Tasks"].map(|name| platform(&mut book, name));
        let transfer = category::TRANSFER;
        let people_out =
            book.hub(HubRole::OtherBank, "Other banks", 0, transfer, "Payment to a person".into());
        let people_in =
            Counterparty { description: book.text("Payment from a person"), ..people_out };
        let parents = Counterparty {
            category: income,
            description: book.text("Support from family"),
            ..people_out
        };
        let benefits = book.hub(
            government,
            "State Unemployment Office",
            0,
            income,
            "Unemployment benefit".into(),
        );
        let pension = book.hub(
            government,
            "Social Insurance Administration",
            0,
            income,
            "Social insurance pension".into(),
        );
        let tax_refund = book.hub(government, "Treasury", 0, income, "Tax refund".into());
        let savings = book.category("Savings");
        let brokers =
            book.hub(HubRole::OtherBank, "Brokers", 0, savings, "Transfer to a broker".into());
        let texts = book.texts();
        Self {
            employers,
            first_wages,
            employer_choice: choice(&weights),
            kinds,
            payees,
            benefits,
            pension,
            tax_refund,
            parents,
            platforms,
            people_out,
            people_in,
            brokers,
            texts,
        }
    }

    /// The employer of a random word.
    pub(crate) fn employer(&self, word: u32) -> u32 {
        self.employer_choice.choose(word)
    }

    /// A shop of a kind (a code of the preset): an independent one of the city (a number), or of a
    /// chain.
    #[inline]
    pub(crate) fn shop(&self, kind: u16, city: Option<u32>, word: u32) -> Option<Counterparty> {
        let kind = self.kinds.get(&kind)?;
        if let Some(city) = city {
            let city = city as usize;
            let (from, to) = (*kind.bounds.get(city)?, *kind.bounds.get(city + 1)?);
            // The square favours the first: the n-th is visited about 1 / sqrt(n) as often.
            let square = ((u64::from(word) * u64::from(word)) >> 32) as u32;
            return kind.independents.get((from + below_u32(square, to - from)) as usize).copied();
        }
        kind.chains.get(kind.chain_choice.choose(word) as usize).copied()
    }
}

fn choice(weights: &[u64]) -> AliasTable {
    AliasTable::new(weights).expect("the tables have weights")
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "weights are 0 to 1")]
fn scaled(weight: f64) -> u64 {
    (weight * 1e6 + 1.0) as u64
}

fn number(index: usize) -> u32 {
    u32::try_from(index).expect("the tables are small")
}

/// Writes into a catalogue.
struct Entries<'a> {
    catalog: &'a mut Catalog,
}

impl Entries<'_> {
    fn text(&mut self, text: &str) -> u32 {
        self.catalog.descriptions.push(text.to_owned());
        number(self.catalog.descriptions.len() - 1)
    }

    fn category(&mut self, name: &str) -> u16 {
        let known = self.catalog.categories.iter().position(|category| category == name);
        let index = known.unwrap_or_else(|| {
            self.catalog.categories.push(name.to_owned());
            self.catalog.categories.len() - 1
        });
        u16::try_from(index).unwrap_or(catalog::category::TRANSFER)
    }

    fn hub(
        &mut self,
        role: HubRole,
        name: &str,
        mcc: u16,
        category: u16,
        text: String,
    ) -> Counterparty {
        self.catalog.descriptions.push(text);
        let description = number(self.catalog.descriptions.len() - 1);
        let account = LedgerAccount::Hub(HubId(number(self.catalog.hubs.len())));
        self.catalog.hubs.push(Hub { role, name: name.to_owned(), mcc, category, description });
        Counterparty { account, category, description }
    }

    /// Employers come first, so that an employer's number is that of its hub.
    fn employers(&mut self) -> (u32, u32) {
        let first = number(self.catalog.descriptions.len());
        for name in tables::employers() {
            let text = format!("Payroll from {name}");
            self.hub(HubRole::Employer, name, 0, category::INCOME, text);
        }
        (number(self.catalog.hubs.len()), first)
    }

    fn shops(&mut self, preset: &HouseholdsPreset) -> BTreeMap<u16, Kind> {
        let (merchants, cities, owners) =
            (tables::merchants(), tables::cities(), tables::last_names());
        let mut owner = owners.iter().cycle();
        let mut kinds = BTreeMap::new();
        for need in &preset.needs {
            let category = self.category(&need.category);
            for kind in &need.kinds {
                let rows: Vec<_> = merchants.iter().filter(|row| row.mcc == *kind).collect();
                let weights: Vec<u64> = rows.iter().map(|row| row.popularity).collect();
                let mut chain = |row: &&tables::Merchant| {
                    let text = format!("Purchase at {}", row.name);
                    self.hub(HubRole::Merchant, row.name, *kind, category, text)
                };
                let chains = rows.iter().map(&mut chain).collect();
                let (mut bounds, mut independents) = (vec![0], Vec::new());
                let trade = rows.first().map_or("Shop", |row| trade(row.name));
                for city in cities.iter().filter(|_| need.independent > 0.0) {
                    for _ in 0..shops_in(preset, city.population) {
                        let name = owner.next().map_or("Corner", |row| row.name);
                        let name = format!("{name}'s {trade}");
                        let text = format!("Purchase at {name}");
                        let shop = self.hub(HubRole::Merchant, &name, *kind, category, text);
                        independents.push(shop);
                    }
                    bounds.push(number(independents.len()));
                }
                let chain_choice = choice(&weights);
                kinds.insert(*kind, Kind { chains, chain_choice, bounds, independents });
            }
        }
        kinds
    }

    fn payees(&mut self, bill: &crate::preset::households::Bill) -> Vec<Counterparty> {
        let category = self.category(&bill.category);
        let role = match bill.payee {
            Payee::Landlord => HubRole::Landlord,
            Payee::Government => HubRole::Government,
            Payee::Lender | Payee::Biller => HubRole::Biller,
        };
        let merchants = tables::merchants();
        let mut payees = Vec::new();
        for name in &bill.payees {
            let mcc = merchants.iter().find(|row| row.name == name).map_or(0, |row| row.mcc);
            payees.push(self.hub(role, name, mcc, category, format!("{}: {name}", bill.name)));
        }
        payees
    }

    fn texts(&mut self) -> Texts {
        Texts {
            cash: self.category("Cash"),
            fees: self.category("Fees"),
            interest: self.category("Interest"),
            savings: self.category("Savings"),
            withdrawal: self.text("Cash withdrawal"),
            cash_deposit: self.text("Cash deposit"),
            to_savings: self.text("Transfer to savings"),
            from_savings: self.text("Transfer from savings"),
            savings_interest: self.text("Interest earned"),
            card_interest: self.text("Interest charged"),
            late_fee: self.text("Late payment fee"),
            overdraft_fee: self.text("Overdraft fee"),
            returned_fee: self.text("Returned payment fee"),
            carried: self.text("Balance brought from another card"),
            bonus: self.text("Bonus"),
            company_pension: self.text("Company pension"),
        }
    }
}

/// What such a merchant is called: the name without its first word.
fn trade(name: &str) -> &str {
    name.split_once(' ').map_or(name, |(_, trade)| trade)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "populations are exact as floats, and the count is bounded"
)]
fn shops_in(preset: &HouseholdsPreset, population: u64) -> u32 {
    let market = &preset.market;
    let size = libm::pow(population as f64 / 100_000.0, market.independents_growth);
    (market.independents * size + 0.5).clamp(1.0, MOST_INDEPENDENTS) as u32
}
