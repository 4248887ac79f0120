//! Scenarios of `realistic`: until they begin the world is the same, and what changes then is what
//! they say.

use mockbank_bank::{Day, Instant, LedgerAccount, Posting, PostingBatch, PostingKind};
use mockbank_sim::{Customer, LabelBatch, Preset, Typology, World};

use crate::common::{at, start};

/// The stream of bills.
const BILLS: u8 = 21;
/// The day of the year on which the scenarios here begin: the first of March.
const FROM: i64 = 59;
const UNTIL: i64 = 170;

fn world(scenario: &str, users: i64) -> World {
    let text = format!("{}{scenario}", Preset::builtin("realistic").unwrap());
    World::new(Preset::parse(&text).unwrap(), 6, start(), users)
}

fn life(world: &World, number: i64, days: i64) -> (PostingBatch, LabelBatch) {
    let (mut out, mut labels) = (PostingBatch::default(), LabelBatch::default());
    let mut customer = Customer::from_newcomer(world, &world.newcomer(number)).unwrap();
    world.simulate_labelled(&mut customer, at(0), at(days), &mut out, &mut labels).unwrap();
    (out, labels)
}

fn before(postings: &PostingBatch, until: Instant) -> Vec<Posting> {
    postings.iter().filter(|posting| posting.at < until).collect()
}

/// The lives of customers without and with a scenario, after it was seen that they are the same
/// until it begins.
fn both(scenario: &str, users: i64) -> Vec<(PostingBatch, PostingBatch)> {
    let (usual, changed) = (world("", users), world(scenario, users));
    let lives = (1..=users).map(|number| {
        let (usual, changed) = (life(&usual, number, UNTIL).0, life(&changed, number, UNTIL).0);
        assert_eq!(before(&usual, at(FROM)), before(&changed, at(FROM)), "customer {number}");
        (usual, changed)
    });
    lives.collect()
}

fn hub_name(world: &World, account: LedgerAccount) -> String {
    let LedgerAccount::Hub(hub) = account else { return String::new() };
    world.catalog().hubs[hub.0 as usize].name.clone()
}

fn float(minor: i64) -> f64 {
    f64::from(i32::try_from(minor).unwrap())
}

/// The sums of the postings that `counts` picks, from the scenario's first day on.
fn sums(lives: &[(PostingBatch, PostingBatch)], counts: impl Fn(&Posting) -> bool) -> (f64, f64) {
    let sum = |postings: &PostingBatch| -> i64 {
        let counted = postings.iter().filter(|row| row.at >= at(FROM + 1) && counts(row));
        counted.map(|posting| posting.amount.minor()).sum()
    };
    let total = |part: &dyn Fn(&(PostingBatch, PostingBatch)) -> i64| lives.iter().map(part).sum();
    (float(total(&|life| sum(&life.0))), float(total(&|life| sum(&life.1))))
}

#[test]
fn a_pay_cut_is_an_industrys_alone() {
    let cut = "\n[[scenarios]]\nname = \"Pay cut\"\nfrom = \"2025-03-01\"\nchange = \"wages\"\n\
               factor = 0.9\nindustry = \"Schools\"\n";
    let (lives, names) = (both(cut, 120), world("", 120));
    let text = |posting: &Posting| &names.catalog().descriptions[posting.description as usize];
    let is_school = |posting: &Posting| {
        let is_pension = text(posting) == "Company pension";
        hub_name(&names, posting.contra).ends_with("Schools") && !is_pension
    };
    let wages = |posting: &Posting| posting.kind == PostingKind::Payroll;
    let (usual, cut) = sums(&lives, |posting| wages(posting) && is_school(posting));
    assert!(usual > 0.0 && (cut / usual - 0.9).abs() < 0.001, "{cut} of {usual}");
    let (usual, same) = sums(&lives, |posting| wages(posting) && !is_school(posting));
    assert!((usual - same).abs() < 0.5, "{same} and {usual}");
}

#[test]
fn a_rise_of_prices_meets_bills_and_purchases_but_no_instalments() {
    let rise = "\n[[scenarios]]\nname = \"Prices\"\nfrom = \"2025-03-01\"\nchange = \"prices\"\n\
                factor = 1.1\n";
    let (lives, names) = (both(rise, 60), world("", 60));
    let named = |posting: &Posting, part: &str| hub_name(&names, posting.contra).contains(part);
    let billed = |posting: &Posting| posting.kind == PostingKind::DirectDebit;
    for (payee, factor) in [("Power & Light", 1.1), ("Water", 1.1), ("Mortgage", 1.0)] {
        let (usual, dearer) = sums(&lives, |posting| billed(posting) && named(posting, payee));
        let found = dearer / usual;
        assert!(usual < 0.0 && (found - factor).abs() < 0.02, "{payee}: {found}");
    }
    // Customers with less left buy for less, so purchases rise by less than prices.
    let (usual, dearer) = sums(&lives, |posting| posting.kind == PostingKind::Purchase);
    assert!((1.02..1.10).contains(&(dearer / usual)), "{}", dearer / usual);
}

#[test]
fn payments_of_a_bank_holiday_come_on_the_next_business_day() {
    // A Friday: the next day on which banks are open is Monday.
    let holiday = "\n[[scenarios]]\nname = \"Closed\"\nfrom = \"2025-03-14\"\n\
                   to = \"2025-03-14\"\nchange = \"holiday\"\n";
    let (usual, closed) = (world("", 80), world(holiday, 80));
    // Wages and first tries of bills; platforms pay on any day.
    let is_by_schedule = |row: &Posting| {
        let text = &usual.catalog().descriptions[row.description as usize];
        row.reference.stream().code() == BILLS || text.starts_with("Payroll from")
    };
    let day = Day::parse("2025-03-14").unwrap();
    let monday = day.plus(3).unwrap();
    let (mut wages, mut bills) = (0, 0);
    for number in 1..=80 {
        let zone = usual.zone(&usual.newcomer(number).user);
        let (usual, closed) = (life(&usual, number, 90).0, life(&closed, number, 90).0);
        assert_eq!(before(&usual, day.start()), before(&closed, day.start()));
        let on = |postings: &PostingBatch, day: Day, kind: PostingKind| -> Vec<i64> {
            let on_day = |posting: &Posting| zone.local(posting.at).day() == day;
            let rows = postings.iter().filter(|row| on_day(row) && row.kind == kind);
            let of_banks = rows.filter(|row| is_by_schedule(row));
            of_banks.map(|row| row.amount.minor()).collect()
        };
        for (kind, moved) in
            [(PostingKind::Payroll, &mut wages), (PostingKind::DirectDebit, &mut bills)]
        {
            let due = on(&usual, day, kind);
            assert!(on(&closed, day, kind).is_empty(), "customer {number}");
            let made = on(&closed, monday, kind);
            *moved += due.len();
            // A bill may be uncovered on one of the two days.
            if kind == PostingKind::Payroll {
                assert!(made.len() >= due.len(), "customer {number}");
            }
        }
    }
    assert!(wages > 10 && bills > 10, "{wages} wages, {bills} bills");
}

#[test]
fn a_data_breach_is_abused_where_cards_were_shown() {
    const MERCHANT: &str = "Fallowfield Grocery";
    let breach = format!(
        "\n[[scenarios]]\nname = \"Breach\"\nfrom = \"2025-03-01\"\nto = \"2025-03-31\"\n\
         change = \"breach\"\nmerchant = \"{MERCHANT}\"\nshare = 0.5\n"
    );
    let (usual, breached) = (world("", 300), world(&breach, 300));
    let (mut exposed, mut abused, mut crimes) = (0, 0, 0);
    for number in 1..=300 {
        let (postings, _) = life(&usual, number, UNTIL);
        let (changed, labels) = life(&breached, number, UNTIL);
        assert_eq!(before(&postings, at(FROM)), before(&changed, at(FROM)));
        let zone = usual.zone(&usual.newcomer(number).user);
        let last = Day::parse("2025-03-31").unwrap();
        let in_window = |row: &Posting| {
            let day = zone.local(row.at).day();
            (start().plus(FROM).unwrap()..=last).contains(&day)
        };
        let paid_there = changed
            .iter()
            .any(|row| in_window(&row) && hub_name(&breached, row.contra) == MERCHANT);
        let stolen: Vec<u16> = (0..labels.len())
            .filter(|row| labels.typology[*row] == Typology::DataBreach.code())
            .map(|row| labels.day[row])
            .collect();
        assert!(stolen.iter().all(|day| *day > last.number()));
        exposed += usize::from(paid_there);
        abused += usize::from(!stolen.is_empty());
        crimes += stolen.len();
        assert!(paid_there || stolen.is_empty(), "customer {number} never paid there");
        if !paid_there {
            assert_eq!(postings, changed, "customer {number}");
        }
    }
    assert!((20..280).contains(&exposed), "{exposed}");
    assert!(abused * 4 > exposed && abused * 10 < exposed * 7, "{abused} of {exposed}");
    assert!(crimes > abused, "{crimes}");
}
