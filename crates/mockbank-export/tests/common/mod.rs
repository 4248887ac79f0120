//! A small bank whose books are right, made without the simulation.

use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, Card, CardId, CardStatus, Catalog, Currency,
    Day, GroupId, Hub, HubId, HubRole, Instant, LedgerAccount, Money, Posting, PostingBatch,
    PostingKind, PostingRef, Settings, Stream, User, UserId, catalog,
};
use mockbank_export::{Export, ExportDescription, Format, PartRecord, Plan, WorldDescription};

const MERCHANTS: u32 = 500;
const EMPLOYER: u32 = 0;
const DINING: u16 = 4;

/// A customer with all that a part of an export holds of them.
pub(crate) struct Customer {
    pub(crate) user: User,
    pub(crate) account: Account,
    pub(crate) card: Card,
}

pub(crate) fn catalog() -> Catalog {
    let mut catalog = Catalog::with_standard_entries();
    catalog.categories.push("Food & Dining".to_owned());
    catalog.places.extend((1..40).map(|place| format!("Springfield, \"{place}\"")));
    for number in 0..=MERCHANTS {
        let employer = number == EMPLOYER;
        catalog.descriptions.push(format!("Text \\ of <{number}> & \u{e9}"));
        catalog.hubs.push(Hub {
            role: if employer { HubRole::Employer } else { HubRole::Merchant },
            name: format!("Shop, {number}"),
            mcc: if employer { 0 } else { 5812 },
            category: if employer { catalog::category::INCOME } else { DINING },
            description: number + 5,
        });
    }
    catalog
}

const fn stream(kind: PostingKind) -> Stream {
    Stream::from_code(Stream::FIRST_SIMULATED + kind.code())
}

pub(crate) fn start() -> Day {
    Day::parse("2025-01-01").unwrap()
}

pub(crate) fn description(
    users: u64,
    users_per_part: u64,
    days: u32,
    format: Format,
) -> ExportDescription {
    let world = WorldDescription {
        preset: "sample".to_owned(),
        seed: 42,
        model_version: 1,
        preset_fingerprint: "0".repeat(32),
        start: start().to_string(),
        clock: start().plus(days.into()).unwrap().start().to_string(),
        currency: "USD".to_owned(),
    };
    ExportDescription::new(world, Plan::new(users, users_per_part).unwrap(), format)
}

/// Days from the first one to a clock at midnight.
fn days_until(clock: &str) -> u32 {
    let end = Day::parse(&clock[..10]).unwrap();
    u32::from(end.number() - start().number())
}

/// Customer `number`, as it stands after the days whose postings are put into `out`.
///
/// Every day a purchase, wages on the first, a transfer with the neighbour on the tenth, the bill
/// on the fifteenth.
pub(crate) fn live(number: i64, days: u32, out: &mut PostingBatch) -> Customer {
    let mut book = Book::open(number);
    for offset in 0..days {
        let day = start().plus(i64::from(offset)).unwrap();
        book.day(day, out);
    }
    book.customer
}

struct Book {
    customer: Customer,
    noise: u64,
}

impl Book {
    fn open(number: i64) -> Self {
        let opening = Money::from_minor(100_000 + number * 7);
        let user = User {
            id: UserId::new(number),
            username: format!("user{number}"),
            first_name: "Zo\u{eb} \"Z\"".to_owned(),
            last_name: "O'Neil, Jr.".to_owned(),
            email: format!("user{number}@example.com"),
            city: "Springfield".to_owned(),
            created_at: start().start(),
            settings: Settings { theme: "dark".to_owned(), notifications: number % 2 == 0 },
        };
        let account = Account {
            id: AccountId::new(number),
            user: user.id,
            kind: AccountKind::Checking,
            currency: Currency::USD,
            status: AccountStatus::Active,
            opening_balance: opening,
            balance: opening,
            salary: Money::from_minor(300_000),
            employer: (number % 2 == 0).then_some(HubId(EMPLOYER)),
            postings: 0,
        };
        let card = Card {
            id: CardId::new(number),
            account: account.id,
            last_four: u16::try_from(number % 10_000).unwrap(),
            status: CardStatus::Active,
            limit: Money::from_minor(500_000),
            billing_day: 15,
            profile: "AVERAGE".to_owned(),
            spend: Money::ZERO,
            issued: start(),
            expires: Day::parse("2028-01-01").unwrap(),
            last_bill: None,
            postings: 0,
        };
        Self { customer: Customer { user, account, card }, noise: number.cast_unsigned() }
    }

    /// A number below `bound`, by the multiplicative generator of Knuth's MMIX.
    fn draw(&mut self, bound: u32) -> u32 {
        self.noise = self
            .noise
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        u32::try_from((self.noise >> 33) % u64::from(bound)).unwrap()
    }

    fn day(&mut self, day: Day, out: &mut PostingBatch) {
        let midnight = day.start();
        let (date, account) = (day.date().day(), self.customer.account.id);
        if date == 1 {
            let contra = LedgerAccount::Hub(HubId(EMPLOYER));
            self.post(midnight, PostingKind::Payroll, 300_000, None, contra, 5, out);
        }
        if date == 10 {
            let odd = account.number() % 2 == 1;
            let partner = AccountId::new(account.number() + if odd { 1 } else { -1 });
            let amount = if odd { -5_000 } else { 5_000 };
            let contra = LedgerAccount::Deposit(partner);
            self.post(midnight, PostingKind::Transfer, amount, None, contra, 3, out);
        }
        if date == 15 && self.customer.card.spend.is_positive() {
            let (bill, card) = (self.customer.card.spend.minor(), self.customer.card.id);
            let contra = LedgerAccount::Card(card);
            self.post(midnight, PostingKind::CardPayment, -bill, None, contra, 0, out);
            let contra = LedgerAccount::Deposit(account);
            self.post(midnight, PostingKind::CardPayment, bill, Some(card), contra, 1, out);
            self.customer.card.last_bill = Some(day);
        }
        let at = midnight.plus_seconds(i64::from(30_000 + self.draw(50_000))).unwrap();
        let hub = 1 + self.draw(MERCHANTS);
        let amount = -i64::from(199 + self.draw(9_000));
        let card = Some(self.customer.card.id);
        let contra = LedgerAccount::Hub(HubId(hub));
        self.post(at, PostingKind::Purchase, amount, card, contra, hub + 5, out);
    }

    #[expect(clippy::too_many_arguments, reason = "the columns of a posting")]
    fn post(
        &mut self,
        at: Instant,
        kind: PostingKind,
        minor: i64,
        card: Option<CardId>,
        contra: LedgerAccount,
        description: u32,
        out: &mut PostingBatch,
    ) {
        let place = if card.is_some() { self.draw(40) } else { 0 };
        let Customer { account, card: plastic, .. } = &mut self.customer;
        let amount = Money::from_minor(minor);
        account.postings += 1;
        if card.is_some() {
            plastic.postings += 1;
            plastic.spend = plastic.spend.checked_sub(amount).unwrap();
        } else {
            account.balance = account.balance.checked_add(amount).unwrap();
        }
        let owed = plastic.spend.checked_neg().unwrap();
        out.push(&Posting {
            account: account.id,
            sequence: account.postings,
            at,
            kind,
            category: match kind {
                PostingKind::Purchase => DINING,
                PostingKind::Payroll => catalog::category::INCOME,
                PostingKind::Transfer => catalog::category::TRANSFER,
                _ => catalog::category::BILLS,
            },
            amount,
            card,
            contra,
            balance: account.balance,
            card_balance: if card.is_some() { owed } else { Money::ZERO },
            description,
            place,
            reference: PostingRef::new(stream(kind), u32::from(card.is_some())).unwrap(),
            group: (kind == PostingKind::Transfer)
                .then(|| GroupId::new((account.id.number() + 1) / 2)),
        });
    }
}

/// Writes a part of the sample world.
pub(crate) fn write_part(export: &Export, part: u32) -> PartRecord {
    let ExportDescription { plan, world, .. } = export.description();
    let days = days_until(&world.clock);
    let mut writer = export.part(part).unwrap();
    for number in plan.users_of(part).unwrap() {
        let mut postings = PostingBatch::default();
        let customer = live(number, days, &mut postings);
        writer.users(&[customer.user]).unwrap();
        writer.accounts(&[customer.account]).unwrap();
        writer.cards(&[customer.card]).unwrap();
        writer.transactions(&postings).unwrap();
    }
    writer.finish().unwrap()
}
