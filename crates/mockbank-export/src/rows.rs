//! The bank's types as columns of the tables.

use std::sync::Arc;

use arrow_array::types::Int32Type;
use arrow_array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Int32Array, Int64Array,
    RecordBatch, StringArray, TimestampMillisecondArray,
};
use arrow_buffer::{BooleanBuffer, NullBuffer};
use arrow_schema::{ArrowError, SchemaRef};
use mockbank_bank::{
    Account, AccountKind, AccountStatus, BankAccount, Card, CardStatus, Catalog, Currency, Day,
    HubRole, LedgerAccount, Money, PostingBatch, PostingKind, PostingRef, User,
};

use crate::crime::{AlertRow, LabelRow};
use crate::error::{ExportError, Result};
use crate::schema::{AMOUNT_PRECISION, AMOUNT_SCALE, Table};
use crate::settlement::{SettlementBatch, Settlements};

/// Minor units above which an amount has more digits than its column.
const AMOUNT_BOUND: u64 = 10u64.pow(AMOUNT_PRECISION as u32);

/// Names of the ledger accounts' classes.
const CONTRA_TYPES: [&str; 4] = ["BANK", "HUB", "DEPOSIT", "CARD"];

/// Turns the bank's types into rows of the tables.
///
/// Holds the catalogue's texts as dictionaries that all batches share.
#[derive(Debug)]
pub struct Rows {
    schemas: [SchemaRef; 8],
    categories: ArrayRef,
    descriptions: ArrayRef,
    places: ArrayRef,
    counterparties: ArrayRef,
    hubs: usize,
    kinds: ArrayRef,
    contra_types: ArrayRef,
    merchants: RecordBatch,
}

fn texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(texts))
}

fn labels(keys: Int32Array, values: &ArrayRef) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(DictionaryArray::<Int32Type>::try_new(keys, Arc::clone(values))?))
}

/// Codes are small numbers; one that is not stands for nothing, and the dictionary refuses it.
fn key(code: impl TryInto<i32>) -> i32 {
    code.try_into().unwrap_or(i32::MAX)
}

fn keys<T: Copy + TryInto<i32>>(codes: &[T]) -> Int32Array {
    codes.iter().map(|code| key(*code)).collect::<Vec<_>>().into()
}

fn amounts(minor: &[i64], nulls: Option<NullBuffer>) -> Result<ArrayRef> {
    let large = |minor: i64| minor.unsigned_abs() >= AMOUNT_BOUND;
    // Without an early end the loop is vectorised; the amount is looked for only if there is one.
    if minor.iter().fold(false, |any, minor| any | large(*minor)) {
        let found = minor.iter().copied().find(|minor| large(*minor)).unwrap_or_default();
        return Err(ExportError::AmountTooLarge(Money::from_minor(found)));
    }
    let minor: Vec<i128> = minor.iter().copied().map(i128::from).collect();
    let array = Decimal128Array::new(minor.into(), nulls);
    Ok(Arc::new(array.with_precision_and_scale(AMOUNT_PRECISION, AMOUNT_SCALE)?))
}

fn instants(seconds: impl Iterator<Item = i64>) -> ArrayRef {
    let milliseconds: Vec<i64> = seconds.map(|seconds| seconds.saturating_mul(1000)).collect();
    Arc::new(TimestampMillisecondArray::new(milliseconds.into(), None).with_timezone("UTC"))
}

fn days(days: impl Iterator<Item = Option<Day>>) -> ArrayRef {
    Arc::new(days.map(|day| day.map(|day| i32::from(day.number()))).collect::<Date32Array>())
}

fn present(values: &[i64], absent: i64) -> NullBuffer {
    NullBuffer::new(BooleanBuffer::collect_bool(values.len(), |row| values[row] != absent))
}

impl Rows {
    /// For a world with this catalogue.
    pub fn new(catalog: &Catalog) -> Result<Self> {
        let schemas = Table::ALL.map(Table::schema);
        let categories = texts(catalog.categories.iter().map(String::as_str));
        let descriptions = texts(catalog.descriptions.iter().map(String::as_str));
        let hub_names = catalog.hubs.iter().map(|hub| hub.name.as_str());
        let counterparties = texts(hub_names.chain(BankAccount::ALL.map(BankAccount::name)));
        let merchants =
            merchants(catalog, &schemas[Table::Merchants as usize], &categories, &descriptions)?;
        Ok(Self {
            categories,
            descriptions,
            places: texts(catalog.places.iter().map(String::as_str)),
            counterparties,
            hubs: catalog.hubs.len(),
            kinds: texts(PostingKind::ALL.map(PostingKind::name)),
            contra_types: texts(CONTRA_TYPES),
            merchants,
            schemas,
        })
    }

    fn batch(&self, table: Table, columns: Vec<ArrayRef>) -> Result<RecordBatch> {
        Ok(RecordBatch::try_new(Arc::clone(&self.schemas[table as usize]), columns)?)
    }

    /// Settlements for the catalogue's counterparties, none yet.
    pub fn open_settlements(&self) -> Settlements {
        // Counterparties have numbers of 32 bits.
        Settlements::new(u32::try_from(self.hubs).unwrap_or(u32::MAX))
    }

    /// The counterparties of the world's catalogue.
    pub fn merchants(&self) -> &RecordBatch {
        &self.merchants
    }

    /// Customers.
    pub fn users(&self, users: &[User]) -> Result<RecordBatch> {
        let text = |of: fn(&User) -> &str| texts(users.iter().map(of));
        let notifications = users.iter().map(|user| user.settings.notifications);
        self.batch(
            Table::Users,
            vec![
                Arc::new(Int64Array::from_iter_values(users.iter().map(|user| user.id.number()))),
                text(|user| &user.username),
                text(|user| &user.first_name),
                text(|user| &user.last_name),
                text(|user| &user.email),
                text(|user| &user.city),
                instants(users.iter().map(|user| user.created_at.seconds())),
                text(|user| &user.settings.theme),
                Arc::new(BooleanArray::from(notifications.collect::<Vec<_>>())),
            ],
        )
    }

    /// Deposit accounts.
    pub fn accounts(&self, accounts: &[Account]) -> Result<RecordBatch> {
        let number = |of: fn(&Account) -> i64| -> ArrayRef {
            Arc::new(Int64Array::from_iter_values(accounts.iter().map(of)))
        };
        let amount = |of: fn(&Account) -> Money| -> Result<ArrayRef> {
            let minor: Vec<i64> = accounts.iter().map(|account| of(account).minor()).collect();
            amounts(&minor, None)
        };
        let label = |of: fn(&Account) -> i32, names: ArrayRef| {
            labels(Int32Array::from_iter_values(accounts.iter().map(of)), &names)
        };
        let employers = accounts.iter().map(|account| account.employer.map(|hub| i64::from(hub.0)));
        self.batch(
            Table::Accounts,
            vec![
                number(|account| account.id.number()),
                number(|account| account.user.number()),
                label(
                    |account| i32::from(account.kind.code()),
                    texts(AccountKind::ALL.iter().map(|kind| kind.name())),
                )?,
                label(|account| account.currency as i32, texts(Currency::ALL.map(Currency::code)))?,
                label(
                    |account| i32::from(account.status.code()),
                    texts(AccountStatus::ALL.iter().map(|status| status.name())),
                )?,
                amount(|account| account.opening_balance)?,
                amount(|account| account.balance)?,
                amount(|account| account.salary)?,
                Arc::new(employers.collect::<Int64Array>()),
                number(|account| account.postings.cast_signed()),
            ],
        )
    }

    /// Cards.
    pub fn cards(&self, cards: &[Card]) -> Result<RecordBatch> {
        let number = |of: fn(&Card) -> i64| -> ArrayRef {
            Arc::new(Int64Array::from_iter_values(cards.iter().map(of)))
        };
        let amount = |of: fn(&Card) -> Money| -> Result<ArrayRef> {
            let minor: Vec<i64> = cards.iter().map(|card| of(card).minor()).collect();
            amounts(&minor, None)
        };
        let masked_numbers: Vec<String> = cards.iter().map(Card::masked_number).collect();
        let statuses = cards.iter().map(|card| i32::from(card.status.code()));
        let billing_days = cards.iter().map(|card| i32::from(card.billing_day));
        self.batch(
            Table::Cards,
            vec![
                number(|card| card.id.number()),
                number(|card| card.account.number()),
                texts(masked_numbers.iter().map(String::as_str)),
                labels(
                    Int32Array::from_iter_values(statuses),
                    &texts(CardStatus::ALL.iter().map(|status| status.name())),
                )?,
                amount(|card| card.limit)?,
                Arc::new(Int32Array::from_iter_values(billing_days)),
                texts(cards.iter().map(|card| card.profile.as_str())),
                amount(|card| card.spend)?,
                days(cards.iter().map(|card| Some(card.issued))),
                days(cards.iter().map(|card| Some(card.expires))),
                days(cards.iter().map(|card| card.last_bill)),
                number(|card| card.postings.cast_signed()),
            ],
        )
    }

    /// Postings, in their order.
    pub fn transactions(&self, postings: &PostingBatch) -> Result<RecordBatch> {
        let integers = |values: &[i64], nulls| -> ArrayRef {
            Arc::new(Int64Array::new(values.to_vec().into(), nulls))
        };
        let on_card = Some(present(&postings.card, 0));
        let contra = self.contra(&postings.contra)?;
        let (streams, indexes) = references(&postings.reference)?;
        self.batch(
            Table::Transactions,
            vec![
                integers(&postings.account, None),
                integers(&postings.sequence, None),
                instants(postings.at.iter().copied()),
                labels(keys(&postings.kind), &self.kinds)?,
                labels(keys(&postings.category), &self.categories)?,
                amounts(&postings.amount, None)?,
                integers(&postings.card, on_card.clone()),
                amounts(&postings.balance, None)?,
                amounts(&postings.card_balance, on_card)?,
                labels(keys(&postings.description), &self.descriptions)?,
                labels(keys(&postings.place), &self.places)?,
                labels(contra.types, &self.contra_types)?,
                Arc::new(contra.ids),
                labels(contra.names, &self.counterparties)?,
                integers(&postings.group, Some(present(&postings.group, 0))),
                Arc::new(streams),
                Arc::new(indexes),
            ],
        )
    }

    /// Settlements, in their order.
    pub fn settlements(&self, settlements: &SettlementBatch) -> Result<RecordBatch> {
        let contra = self.contra(&settlements.account)?;
        self.batch(
            Table::Settlements,
            vec![
                labels(contra.types, &self.contra_types)?,
                Arc::new(contra.ids),
                labels(contra.names, &self.counterparties)?,
                Arc::new(Date32Array::from(settlements.day.clone())),
                amounts(&settlements.debit, None)?,
                amounts(&settlements.credit, None)?,
                Arc::new(Int64Array::from(settlements.postings.clone())),
            ],
        )
    }

    /// Labels.
    pub fn labels(&self, rows: &[LabelRow]) -> Result<RecordBatch> {
        let text = |of: fn(&LabelRow) -> &str| texts(rows.iter().map(of));
        self.batch(
            Table::Labels,
            vec![
                Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.account))),
                Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.sequence))),
                Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.scheme))),
                text(|row| row.typology),
                text(|row| row.role),
                text(|row| row.phase),
                Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.hop.into()))),
                Arc::new(Int32Array::from_iter_values(rows.iter().map(|row| row.taint.into()))),
            ],
        )
    }

    /// Alerts.
    pub fn alerts(&self, rows: &[AlertRow]) -> Result<RecordBatch> {
        let confirmed: Vec<bool> = rows.iter().map(|row| row.confirmed).collect();
        self.batch(
            Table::Alerts,
            vec![
                Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.account))),
                Arc::new(Int64Array::from_iter_values(rows.iter().map(|row| row.sequence))),
                Arc::new(Date32Array::from_iter_values(rows.iter().map(|row| row.alerted.into()))),
                Arc::new(Date32Array::from_iter_values(rows.iter().map(|row| row.decided.into()))),
                Arc::new(BooleanArray::from(confirmed)),
            ],
        )
    }

    fn contra(&self, codes: &[i64]) -> Result<Contra> {
        let mut types = Vec::with_capacity(codes.len());
        let mut ids = Vec::with_capacity(codes.len());
        let mut names = Vec::with_capacity(codes.len());
        for &code in codes {
            let account = LedgerAccount::from_code(code)
                .ok_or(ExportError::UnknownCode { column: "contra account", value: code })?;
            let (class, id, name) = match account {
                LedgerAccount::Bank(bank) => (0, NONE, key(self.hubs + bank as usize)),
                LedgerAccount::Hub(hub) if hub.0 as usize >= self.hubs => {
                    return Err(ExportError::UnknownCode { column: "contra account", value: code });
                }
                LedgerAccount::Hub(hub) => (1, i64::from(hub.0), key(hub.0)),
                LedgerAccount::Deposit(account) => (2, account.number(), NO_NAME),
                LedgerAccount::Card(card) => (3, card.number(), NO_NAME),
            };
            types.push(class);
            ids.push(id);
            names.push(name);
        }
        let named = BooleanBuffer::collect_bool(names.len(), |row| names[row] != NO_NAME);
        let identified = present(&ids, NONE);
        Ok(Contra {
            types: types.into(),
            ids: Int64Array::new(ids.into(), Some(identified)),
            names: Int32Array::new(names.into(), Some(NullBuffer::new(named))),
        })
    }
}

const NONE: i64 = -1;
const NO_NAME: i32 = -1;

struct Contra {
    types: Int32Array,
    ids: Int64Array,
    names: Int32Array,
}

fn references(codes: &[i64]) -> Result<(Int32Array, Int32Array)> {
    let mut streams = Vec::with_capacity(codes.len());
    let mut indexes = Vec::with_capacity(codes.len());
    for &code in codes {
        let reference = PostingRef::from_code(code)
            .ok_or(ExportError::UnknownCode { column: "reference", value: code })?;
        streams.push(i32::from(reference.stream().code()));
        indexes.push(reference.index().cast_signed());
    }
    Ok((streams.into(), indexes.into()))
}

fn merchants(
    catalog: &Catalog,
    schema: &SchemaRef,
    categories: &ArrayRef,
    descriptions: &ArrayRef,
) -> Result<RecordBatch> {
    let hubs = &catalog.hubs;
    let roles = hubs.iter().map(|hub| i32::from(hub.role.code()));
    let mccs = hubs.iter().map(|hub| (hub.mcc != 0).then_some(i32::from(hub.mcc)));
    let columns: Vec<ArrayRef> = vec![
        Arc::new(Int64Array::from_iter_values((0i64..).take(hubs.len()))),
        labels(Int32Array::from_iter_values(roles), &texts(HubRole::ALL.map(HubRole::name)))?,
        texts(hubs.iter().map(|hub| hub.name.as_str())),
        Arc::new(mccs.collect::<Int32Array>()),
        labels(
            Int32Array::from_iter_values(hubs.iter().map(|hub| i32::from(hub.category))),
            categories,
        )?,
        labels(
            Int32Array::from_iter_values(hubs.iter().map(|hub| key(hub.description))),
            descriptions,
        )?,
    ];
    Ok(RecordBatch::try_new(Arc::clone(schema), columns)?)
}
