//! Money laundering: schemes of several customers, which each of them computes alone.
//!
//! In a block of customers and a block of days there are slots for schemes. A slot's draws give
//! its structure, members and payments; a customer who is a member books the own side of them.
//! Schemes begin on the world's first day at the earliest, and those of its last weeks go on as long
//! as the world does.

use mockbank_bank::catalog::{category, description, place};
use mockbank_bank::rules::Entry;
use mockbank_bank::{
    AccountId, BankAccount, Day, GroupId, LedgerAccount, Money, PostingKind, PostingRef,
};

use crate::households::banking::{Event, Movement};
use crate::households::behaviour::friends::{between_zones, sent};
use crate::households::days::Today;
use crate::households::person::Person;
use crate::households::random::{
    HOUR, counter_second, deposited, minor, normal, pick, rounded, scattered, uniform,
};
use crate::households::world::HouseholdWorld;
use crate::label::{Label, Phase, Role, Typology};
use crate::randomness::permutation::{Permutation, group_code};
use crate::randomness::{Draw, below_u32, stream};

/// Days in which a scheme begins and ends.
pub(crate) const SCHEME_BLOCK: u16 = 64;
/// Customers among whom members are found.
const BLOCK_BITS: u32 = 12;
/// Schemes that may begin in a block of customers and days.
const SLOTS: u32 = 16;
const FEWEST: u32 = 3;
const MOST: u32 = 14;
/// Raw indices of the postings, beyond those of fraud.
const FIRST_INDEX: u32 = 192;
/// Codes of groups: rounds of friends and a customer's own transfers are below.
const FIRST_CODE: i64 = 50;
const CODES: i64 = 14;
/// What stays behind at every hop.
const MARGIN: f64 = 0.04;
/// Reports are due from here on, in minor units.
const REPORTED_CASH: f64 = 1_000_000.0;
/// Deposits of structurers are below this part of it.
const MOST_STRUCTURED: f64 = 0.99;
/// Other cash, and transfers from elsewhere, are split into parts of up to so many minor units.
const CASH_PART: f64 = 900_000.0;
const TRANSFER_PART: f64 = 250_000.0;
/// How much payments of a fan differ, and those that pass everything on.
const UNEVEN: f64 = 0.4;
const UNEVEN_ALL: f64 = 0.06;
/// Days after which what is left leaves, and in which it does.
const LEAVING: u16 = SCHEME_BLOCK / 2 - 4;
const LEAVING_DAYS: u32 = 5;
const TYPOLOGIES: [Typology; 9] = [
    Typology::Structuring,
    Typology::FanOut,
    Typology::FanIn,
    Typology::Cycle,
    Typology::ScatterGather,
    Typology::GatherScatter,
    Typology::Bipartite,
    Typology::Stack,
    Typology::RandomPath,
];
/// Structuring is the most frequent one in published data (SAML-D: 28 % of what is labelled, with
/// smurfing).
const WEIGHTS: [f64; 9] = [2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0];

/// A customer's payments in the schemes of a block of days.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layers {
    /// Block of days for which they are known, counted from one.
    pub(crate) block: u16,
    payments: Vec<Payment>,
}

/// The customer's side of a payment.
#[derive(Clone, Copy, Debug)]
struct Payment {
    day: u16,
    second: u32,
    /// Minor units; negative pays.
    amount: i64,
    other: Other,
    /// Counts the customer's payments of the block.
    index: u32,
    label: Label,
}

#[derive(Clone, Copy, Debug)]
enum Other {
    Customer { number: i64, group: i64 },
    Cash,
    Elsewhere,
}

/// A payment between members of a scheme, by their places in it.
#[derive(Clone, Copy, Debug)]
struct Edge {
    from: u32,
    to: u32,
    hop: u8,
    /// Share of the scheme's money.
    share: f64,
}

/// One scheme.
struct Scheme<'a> {
    world: &'a HouseholdWorld,
    number: i64,
    typology: Typology,
    members: Vec<i64>,
    first_day: u16,
    /// In minor units.
    money: f64,
    block: u64,
    index: u32,
}

impl Layers {
    /// The payments of a customer in the schemes of a block of days.
    pub(crate) fn new(world: &HouseholdWorld, number: i64, block: u16) -> Self {
        let mut layers = Self { block, payments: Vec::new() };
        let index = (number - 1).unsigned_abs();
        let (customers, seat) = (index >> BLOCK_BITS, index & ((1 << BLOCK_BITS) - 1));
        let begin = customers << BLOCK_BITS;
        let size = world.population.unsigned_abs().saturating_sub(begin).min(1 << BLOCK_BITS);
        if size < u64::from(MOST) || seat >= size || !world.acquaintances.is_present(number) {
            return layers;
        }
        for slot in 0..SLOTS {
            let code = u32::from(block) << 8 | slot;
            if let Some(scheme) = Scheme::of(world, customers, size, code, seat) {
                scheme.payments(number, &mut layers.payments);
            }
        }
        layers
    }
}

impl<'a> Scheme<'a> {
    /// The scheme of a slot, if there is one and the customer with a seat is a member.
    fn of(world: &'a HouseholdWorld, block: u64, size: u64, code: u32, seat: u64) -> Option<Self> {
        let crime = &world.preset.crime;
        let index = code << 6;
        let draw = world.key.draw(block, stream::SCHEMES, Day::default(), index);
        #[expect(clippy::cast_precision_loss, reason = "at most 4,096")]
        let thousands = size as f64 / 1_000.0;
        let expected = crime.schemes_yearly * thousands * f64::from(SCHEME_BLOCK) / 365.25;
        if uniform(draw.lane(0)) >= expected / f64::from(SLOTS) {
            return None;
        }
        let plan = world.key.draw(block, stream::SCHEMES, Day::default(), index + 1);
        let typology = TYPOLOGIES[pick(&WEIGHTS, draw.lane(1))];
        // Small schemes are more frequent.
        let place = uniform(draw.lane(2));
        let span = f64::from(MOST - FEWEST) + 1.0;
        let extra = u32::try_from(minor(place * place * span)).unwrap_or(0).min(MOST - FEWEST);
        let seats = Permutation::new(plan.0[0], size);
        if seats.invert(seat) >= u64::from(FEWEST + extra) {
            return None;
        }
        let member = |place: u64| ((block << BLOCK_BITS) + seats.apply(place)).cast_signed() + 1;
        let members: Vec<i64> = (0..u64::from(FEWEST + extra)).map(member).collect();
        if members.iter().any(|member| !world.acquaintances.is_present(*member)) {
            return None;
        }
        let days = u16::try_from(code >> 8).unwrap_or(1) - 1;
        let start = below_u32(draw.lane(3), u32::from(SCHEME_BLOCK) / 2);
        let first_day = days * SCHEME_BLOCK + u16::try_from(start).unwrap_or(0);
        if first_day < world.start.number() {
            return None;
        }
        let money = if typology == Typology::Structuring {
            let deposits = (FEWEST + extra - 1) * (2 + below_u32(plan.lane(3), 5));
            f64::from(deposits) * (least_structured(world) + most_structured()) / 2.0
        } else {
            let careful = libm::pow(0.25, crime.difficulty);
            let spread = crime.scheme_money.spread * normal(plan.lane(2));
            crime.scheme_money.median * careful * libm::exp(spread) * 100.0
        };
        Some(Self {
            world,
            number: 1 << 60 | block.cast_signed() << 24 | i64::from(code),
            typology,
            members,
            first_day,
            money,
            block,
            index,
        })
    }

    fn draw(&self, edge: u32, part: u32) -> Draw {
        let day = Day::from_number(i64::from(edge + 1)).unwrap_or_default();
        self.world.key.draw(self.block, stream::SCHEMES, day, self.index + part)
    }

    /// Payments between members, in the order of their hops.
    fn edges(&self) -> Vec<Edge> {
        let count = u32::try_from(self.members.len()).unwrap_or(FEWEST);
        let last = count - 1;
        let edge = |from, to, hop, share| Edge { from, to, hop, share };
        let each = |number: u32| 1.0 / f64::from(number.max(1));
        let inner = 1..last;
        let half = count / 2;
        match self.typology {
            Typology::FanOut => (1..count).map(|to| edge(0, to, 1, each(last))).collect(),
            Typology::FanIn | Typology::Structuring => {
                (1..count).map(|from| edge(from, 0, 1, each(last))).collect()
            }
            Typology::ScatterGather => inner
                .clone()
                .map(|to| edge(0, to, 1, each(last - 1)))
                .chain(inner.map(|from| edge(from, last, 2, each(last - 1))))
                .collect(),
            Typology::GatherScatter => (1..=half)
                .map(|from| edge(from, 0, 1, each(half)))
                .chain((half + 1..count).map(|to| edge(0, to, 2, each(last - half))))
                .collect(),
            Typology::Bipartite => (0..half)
                .flat_map(|from| (half..count).map(move |to| (from, to)))
                .filter(|(from, to)| (from + to) % 2 == 0 || half == 1)
                .map(|(from, to)| edge(from, to, 1, each(half * (count - half) / 2)))
                .collect(),
            Typology::Stack => {
                let third = (count / 3).max(1);
                (0..count - third)
                    .map(|from| {
                        let hop = u8::try_from(from / third + 1).unwrap_or(1);
                        edge(from, from + third, hop, each(third))
                    })
                    .collect()
            }
            _ => {
                let closes = self.typology == Typology::Cycle;
                (0..if closes { count } else { last })
                    .map(|from| {
                        let hop = u8::try_from(from + 1).unwrap_or(1);
                        edge(from, (from + 1) % count, hop, 1.0)
                    })
                    .collect()
            }
        }
    }

    /// Adds a member's side of the scheme: money from outside, payments between members, and
    /// money that leaves.
    fn payments(&self, number: i64, payments: &mut Vec<Payment>) {
        let edges = self.edges();
        let Some(own) = self.members.iter().position(|member| *member == number) else { return };
        let own = u32::try_from(own).unwrap_or(0);
        let sum = |part: &dyn Fn(&Edge) -> bool| -> f64 {
            edges.iter().filter(|edge| part(edge)).map(|edge| edge.share * kept(edge.hop)).sum()
        };
        let (paid, received) = (sum(&|edge| edge.from == own), sum(&|edge| edge.to == own));
        let first = edges.iter().any(|edge| edge.from == own && edge.hop == 1);
        let hops = edges.iter().map(|edge| edge.hop).max().unwrap_or(1);
        let gap = self.gap(hops);
        let mut groups = Vec::new();
        for (index, edge) in (0..).zip(&edges) {
            let (from, to) = (self.members[edge.from as usize], self.members[edge.to as usize]);
            let day = self.day(edge.hop, index, gap);
            let code = groups.iter().filter(|seen| **seen == (from.min(to), day)).count();
            groups.push((from.min(to), day));
            let code = i64::try_from(code).unwrap_or(CODES);
            if code >= CODES || (own != edge.from && own != edge.to) {
                continue;
            }
            let draw = self.draw(index, 2);
            let uneven = if edge.share < 1.0 { UNEVEN } else { UNEVEN_ALL };
            let part = 1.0 + uneven * (uniform(draw.lane(2)) - 0.5);
            let amount = sent(self.money * edge.share * kept(edge.hop) * part, draw.lane(3));
            let (sign, other) = if own == edge.from { (-1, to) } else { (1, from) };
            let group = (from.min(to)) << 22 | i64::from(day) << 6;
            let salt = self.world.salt(from.min(to).unsigned_abs(), day_of(day));
            let group = group | group_code(salt, FIRST_CODE + code);
            let role = role(first, edge.from == own, edge.hop == hops);
            payments.push(Payment {
                day,
                second: self.world.circle.hour(draw.lane(0)) * HOUR + below_u32(draw.lane(1), HOUR),
                amount: sign * amount,
                other: Other::Customer { number: other, group },
                index: u32::try_from(payments.len()).unwrap_or(0),
                label: self.label(role, Phase::Layering, edge.hop),
            });
        }
        if first {
            self.place_money(own, paid * self.money, gap, payments);
        }
        if paid < received * 0.5 {
            self.integrate(own, hops, received * self.money, payments);
        }
    }

    /// The day of a hop: all members know it.
    fn day(&self, hop: u8, index: u32, gap: u32) -> u16 {
        let draw = self.draw(index, 3);
        let day = u32::from(hop) * gap + below_u32(draw.lane(0), gap);
        self.first_day + u16::try_from(day).unwrap_or(0)
    }

    /// Days that placement and each of the hops take, such that all of them fit.
    fn gap(&self, hops: u8) -> u32 {
        let word = self.draw(0, 4).lane(0);
        let usual = if self.typology == Typology::Structuring {
            7 + below_u32(word, 5)
        } else {
            2 + below_u32(word, 2)
        };
        usual.min(u32::from(LEAVING) / (u32::from(hops) + 1)).max(1)
    }

    fn label(&self, role: Role, phase: Phase, hop: u8) -> Label {
        Label { scheme: self.number, typology: self.typology, role, phase, hop, taint: 1_000 }
    }

    /// Cash below the limit of reports, or a transfer from elsewhere.
    fn place_money(&self, own: u32, amount: f64, gap: u32, payments: &mut Vec<Payment>) {
        let draw = self.draw(64 + own, 5);
        let structured = self.typology == Typology::Structuring;
        let cash = structured || uniform(draw.lane(0)) < 0.5;
        let (low, high) = (least_structured(self.world), most_structured());
        let parts = if structured {
            minor(amount * 2.0 / (low + high))
        } else if cash {
            (minor(amount / CASH_PART) + 1).max(3)
        } else {
            minor(amount / TRANSFER_PART)
        };
        let parts = parts.min(12);
        for part in 0..parts {
            let word = self.draw(96 + own, 6 + u32::try_from(part).unwrap_or(0) % 32);
            let even = crate::households::banking::float(minor(amount) / parts);
            let exact = if structured {
                low + (high - low) * uniform(word.lane(0))
            } else {
                even * (0.6 + 0.8 * uniform(word.lane(0)))
            };
            let rounding = word.lane(0).rotate_left(16);
            payments.push(Payment {
                day: self.first_day + u16::try_from(below_u32(word.lane(1), gap)).unwrap_or(0),
                second: self.second(cash, word),
                amount: if cash { deposited(exact, rounding) } else { sent(exact, rounding) },
                other: if cash { Other::Cash } else { Other::Elsewhere },
                index: u32::try_from(payments.len()).unwrap_or(0),
                label: self.label(Role::Source, Phase::Placement, 0),
            });
        }
    }

    /// When others do the same.
    fn second(&self, cash: bool, word: Draw) -> u32 {
        if cash {
            counter_second(word.lane(2), word.lane(3))
        } else {
            self.world.circle.hour(word.lane(2)) * HOUR + below_u32(word.lane(3), HOUR)
        }
    }

    /// Most of what came leaves for elsewhere, or as cash.
    fn integrate(&self, own: u32, hops: u8, amount: f64, payments: &mut Vec<Payment>) {
        let draw = self.draw(128 + own, 5);
        let parts = 1 + below_u32(draw.lane(0), 3);
        let cash = uniform(draw.lane(1)) < 0.3;
        for part in 0..parts {
            let word = self.draw(160 + own, 6 + part);
            let share = amount * (0.75 + 0.2 * uniform(word.lane(0))) / f64::from(parts);
            let rounding = word.lane(0).rotate_left(16);
            let leaves = below_u32(word.lane(1), LEAVING_DAYS);
            payments.push(Payment {
                day: self.first_day + LEAVING + u16::try_from(leaves).unwrap_or(0),
                second: self.second(cash, word),
                amount: if cash { -rounded(share, 2_000) } else { -sent(share, rounding) },
                other: if cash { Other::Cash } else { Other::Elsewhere },
                index: u32::try_from(payments.len()).unwrap_or(0),
                label: self.label(Role::Beneficiary, Phase::Integration, hops),
            });
        }
    }
}

/// The least that structurers deposit at once, in minor units: the careful stay further below what
/// is reported.
fn least_structured(world: &HouseholdWorld) -> f64 {
    REPORTED_CASH * (0.9 - 0.4 * world.preset.crime.difficulty)
}

fn most_structured() -> f64 {
    REPORTED_CASH * MOST_STRUCTURED
}

/// What is left of the money after hops.
fn kept(hops: u8) -> f64 {
    libm::pow(1.0 - MARGIN, f64::from(hops))
}

fn role(first: bool, pays: bool, last: bool) -> Role {
    match (first, pays, last) {
        (true, true, _) => Role::Source,
        (_, false, true) => Role::Beneficiary,
        _ => Role::Mule,
    }
}

fn day_of(number: u16) -> Day {
    Day::from_number(i64::from(number)).unwrap_or_default()
}

/// One day of a customer's part in schemes.
pub(crate) struct Launderer<'a> {
    pub(crate) world: &'a HouseholdWorld,
    pub(crate) person: &'a Person,
    pub(crate) today: &'a Today,
    pub(crate) layers: &'a Layers,
}

impl Launderer<'_> {
    pub(crate) fn draw(&self, events: &mut Vec<Event>) {
        for payment in &self.layers.payments {
            if payment.day == self.today.day.number() {
                events.push(self.event(payment));
            }
        }
    }

    fn event(&self, payment: &Payment) -> Event {
        let (market, amount) = (&self.world.market, Money::from_minor(payment.amount));
        let salt = self.world.salt(self.person.number, self.today.day);
        let index = scattered(salt, FIRST_INDEX + payment.index % 256);
        let pays = payment.amount < 0;
        let entry = |kind, stream, contra, category, text| Entry {
            at: match payment.other {
                Other::Customer { .. } => {
                    between_zones(self.person.zone, self.today, payment.second)
                }
                Other::Cash | Other::Elsewhere => self.today.at(payment.second),
            },
            kind,
            category,
            contra,
            description: text,
            place: place::ONLINE,
            reference: PostingRef::new(stream, index),
            group: None,
        };
        let transfer = PostingKind::Transfer;
        let entry = match payment.other {
            Other::Customer { number, group } => Entry {
                group: Some(GroupId::new(GroupId::FIRST_SIMULATED + group)),
                ..entry(
                    transfer,
                    stream::FRIENDS,
                    LedgerAccount::Deposit(AccountId::new(number)),
                    category::TRANSFER,
                    if pays { description::TRANSFER_OUT } else { description::TRANSFER_IN },
                )
            },
            Other::Cash => Entry {
                place: self.person.home,
                ..entry(
                    PostingKind::Cash,
                    stream::CASH,
                    LedgerAccount::Bank(BankAccount::Cash),
                    market.texts.cash,
                    if pays { market.texts.withdrawal } else { market.texts.cash_deposit },
                )
            },
            Other::Elsewhere => {
                let to = if pays { market.people_out } else { market.people_in };
                entry(transfer, stream::FRIENDS, to.account, to.category, to.description)
            }
        };
        let movement = match payment.other {
            Other::Customer { .. } => Movement::Book(amount),
            _ if pays => Movement::Pay(Money::from_minor(-payment.amount)),
            _ => Movement::Book(amount),
        };
        Event { label: Some(payment.label), ..Event::new(movement, entry) }
    }
}
