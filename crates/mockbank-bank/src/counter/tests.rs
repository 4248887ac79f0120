//! Commands on a bank that is a few maps in memory.

use std::collections::BTreeMap;
use std::convert::Infallible;

use proptest::prelude::*;

use super::*;
use crate::command::{BatchMode, CardOrder, ManualTarget, TransferOrder};
use crate::customer::Settings;
use crate::money::Currency;
use crate::rules::Refusal;

/// A bank in memory, which takes effects in.
#[derive(Clone, Debug, PartialEq)]
struct Memory {
    accounts: BTreeMap<AccountId, AccountRecord>,
    holds: BTreeMap<HoldId, Hold>,
    users: BTreeMap<UserId, User>,
    texts: Vec<(u32, String)>,
    numbers: Numbers,
}

impl Memory {
    /// A customer with some accounts, each with so many minor units in it.
    fn with_accounts(accounts: i64, balance: i64) -> Self {
        let numbers = Numbers { user: 2, account: 1, card: 1, group: 1, hold: 1, description: 10 };
        let user = User {
            id: UserId::new(1),
            username: "ann".to_owned(),
            first_name: "Ann".to_owned(),
            last_name: "Lee".to_owned(),
            email: String::new(),
            city: String::new(),
            created_at: Instant::default(),
            settings: Settings { theme: "light".to_owned(), notifications: true },
        };
        let mut memory = Self {
            accounts: BTreeMap::new(),
            holds: BTreeMap::new(),
            users: BTreeMap::from([(user.id, user)]),
            texts: Vec::new(),
            numbers,
        };
        for number in 1..=accounts {
            memory.give(&open()).unwrap();
            let target = ManualTarget::Account(AccountId::new(number));
            let amount = Money::from_minor(balance);
            memory.give(&Command::Manual { target, amount, description: None }).unwrap();
        }
        memory
    }

    fn judge(&mut self, command: &Command) -> Judgement {
        let policy = Policy::default();
        let Ok(judgement) = carry_out(self, command, Instant::from_seconds(100), &policy);
        judgement
    }

    /// Carries a command out and keeps what it did.
    fn give(&mut self, command: &Command) -> Result<Outcome, Refused> {
        let Carried { outcome, effects } = self.judge(command)?;
        self.accounts.extend(effects.accounts);
        self.holds.extend(effects.holds);
        self.users.extend(effects.users);
        self.texts.extend(effects.descriptions);
        self.numbers = effects.numbers;
        Ok(outcome)
    }

    fn balances(&self) -> Vec<i64> {
        self.accounts.values().map(|record| record.book.balance.minor()).collect()
    }
}

impl Vault for Memory {
    type Error = Infallible;

    fn account(&mut self, id: AccountId) -> Result<Option<AccountRecord>, Infallible> {
        Ok(self.accounts.get(&id).cloned())
    }

    fn account_of_card(&mut self, id: CardId) -> Result<Option<AccountId>, Infallible> {
        let holder = |record: &&AccountRecord| record.position(id).is_some();
        Ok(self.accounts.values().find(holder).map(|record| record.book.account))
    }

    fn hold(&mut self, id: HoldId) -> Result<Option<Hold>, Infallible> {
        Ok(self.holds.get(&id).cloned())
    }

    fn user(&mut self, id: UserId) -> Result<Option<User>, Infallible> {
        Ok(self.users.get(&id).cloned())
    }

    fn has_username(&mut self, username: &str) -> Result<bool, Infallible> {
        Ok(self.users.values().any(|user| user.username == username))
    }

    fn description(&mut self, text: &str) -> Result<Option<u32>, Infallible> {
        Ok(self.texts.iter().find(|(_, known)| known == text).map(|(number, _)| *number))
    }

    fn numbers(&self) -> Numbers {
        self.numbers
    }

    fn currency(&self) -> Currency {
        Currency::USD
    }
}

fn open() -> Command {
    open_in(Currency::USD)
}

fn open_in(currency: Currency) -> Command {
    let kind = AccountKind::Checking;
    Command::OpenAccount { user: UserId::new(1), kind, currency }
}

fn order(from: i64, to: i64, amount: i64) -> TransferOrder {
    TransferOrder {
        from: AccountId::new(from),
        to: AccountId::new(to),
        amount: Money::from_minor(amount),
        description: None,
    }
}

#[test]
fn an_atomic_batch_says_which_transfer_refused_it() {
    let mut memory = Memory::with_accounts(2, 100);
    let orders = vec![order(1, 2, 100), order(1, 2, 1), order(2, 1, 50)];
    let refused = memory.give(&Command::Batch { mode: BatchMode::Atomic, orders: orders.clone() });
    let refusal = Refusal::InsufficientFunds { available: Money::ZERO };
    assert_eq!(refused, Err(Refused { refusal, order: Some(1) }));
    assert_eq!(memory.balances(), [100, 100]);

    let mode = BatchMode::Independent;
    let Ok(Outcome::Batch(answers)) = memory.give(&Command::Batch { mode, orders }) else {
        panic!("an independent batch is carried out")
    };
    assert_eq!(answers.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(answers[2].unwrap()[0].group.unwrap().number(), 2);
    assert_eq!(memory.balances(), [50, 150]);
}

#[test]
fn a_text_is_numbered_once_and_only_if_it_is_used() {
    let mut memory = Memory::with_accounts(2, 100);
    let rent = |amount| {
        let description = Some("rent".to_owned());
        Command::Transfer(TransferOrder { description, ..order(1, 2, amount) })
    };
    memory.give(&rent(1000)).unwrap_err();
    assert!(memory.texts.is_empty());
    for _ in 0..2 {
        let Ok(Outcome::Transferred(pair)) = memory.give(&rent(1)) else { panic!("no transfer") };
        assert_eq!(pair.map(|posting| posting.description), [10, 10]);
    }
    assert_eq!(memory.texts, [(10, "rent".to_owned())]);
    assert_eq!(memory.numbers.description, 11);
}

#[test]
fn an_overdraft_is_what_the_policy_says_of_the_kind_of_account() {
    let mut memory = Memory::with_accounts(2, 100);
    let transfer = Command::Transfer(order(1, 2, 150));
    let fifty = Money::from_minor(50);
    for (kind, allowed) in [(AccountKind::Checking, true), (AccountKind::Savings, false)] {
        let policy = Policy::default().with_overdraft(kind, fifty);
        let Ok(judgement) = carry_out(&mut memory, &transfer, Instant::from_seconds(100), &policy);
        assert_eq!(judgement.is_ok(), allowed, "{kind:?}");
    }
}

#[test]
fn an_account_in_another_currency_than_the_banks_stays_empty() {
    let mut memory = Memory::with_accounts(1, 100);
    for currency in [Currency::EUR, Currency::EUR] {
        memory.give(&open_in(currency)).unwrap();
    }
    let card = |account| {
        Command::IssueCard(CardOrder {
            account: AccountId::new(account),
            limit: Money::from_minor(1000),
            billing_day: 1,
            profile: String::new(),
            last_four: 1,
            valid_years: 1,
        })
    };
    memory.give(&card(1)).unwrap();
    memory.give(&card(2)).unwrap();
    let by_hand = |target, amount| Command::Manual {
        target,
        amount: Money::from_minor(amount),
        description: Some("by hand".to_owned()),
    };
    let foreign = AccountId::new(2);
    let refusal =
        Refusal::ForeignAccount { account: foreign, currency: Currency::EUR, bank: Currency::USD };
    assert_eq!(refusal.code(), "currency_mismatch");
    let before = memory.clone();
    for target in [ManualTarget::Account(foreign), ManualTarget::Card(CardId::new(2))] {
        for amount in [50, -50] {
            let refused = memory.give(&by_hand(target, amount));
            assert_eq!(refused, Err(refusal.into()), "{target:?} {amount}");
        }
    }
    let between = Refusal::CurrencyMismatch { from: Currency::USD, to: Currency::EUR };
    assert_eq!(memory.give(&Command::Transfer(order(1, 2, 50))), Err(between.into()));
    // An overdraft is an amount of the bank's currency.
    let policy =
        Policy::default().with_overdraft(AccountKind::Checking, Money::from_minor(1_000_000));
    let none = Refusal::InsufficientFunds { available: Money::ZERO };
    for command in [
        Command::Transfer(order(2, 3, 50)),
        Command::Authorise { order: order(2, 3, 50), expires_in: 60 },
    ] {
        let Ok(judgement) = carry_out(&mut memory, &command, Instant::from_seconds(100), &policy);
        assert_eq!(judgement, Err(none.into()), "{command}");
    }
    assert_eq!(memory, before);
    memory.give(&by_hand(ManualTarget::Card(CardId::new(1)), -50)).unwrap();
    memory.give(&Command::CloseAccount { account: foreign }).unwrap();
    assert_eq!(memory.balances(), [100, 0, 0]);
}

#[test]
fn what_is_audited_tells_no_secret() {
    let password_hash = "$argon2id$secret".to_owned();
    let command = Command::SetPassword { user: UserId::new(3), password_hash };
    assert_eq!(command.to_string(), "set the password of u_3");
    assert_eq!(
        Command::Transfer(order(1, 2, 150)).to_string(),
        "transfer 1.50 from acc_1 to acc_2"
    );
}

proptest! {
    #[test]
    fn judging_changes_nothing_and_transfers_keep_the_sum(
        orders in prop::collection::vec((1i64..5, 1i64..5, -10i64..200), 0..30), atomic: bool,
    ) {
        let mut memory = Memory::with_accounts(3, 100);
        let before = memory.clone();
        let mode = if atomic { BatchMode::Atomic } else { BatchMode::Independent };
        let orders = orders.iter().map(|(from, to, amount)| order(*from, *to, *amount)).collect();
        let command = Command::Batch { mode, orders };
        let judgement = memory.judge(&command);
        prop_assert_eq!(&memory, &before);
        prop_assert_eq!(memory.give(&command).is_ok(), judgement.is_ok());
        prop_assert_eq!(memory.balances().iter().sum::<i64>(), 300);
        prop_assert!(memory.balances().iter().all(|balance| *balance >= 0));
        if judgement.is_err() {
            prop_assert_eq!(memory, before);
        }
    }
}
