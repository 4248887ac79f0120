//! Random commands, given to the bank and to the second model.

use mockbank_bank::command::{BatchMode, CardOrder, Command, ManualTarget, NewUser, TransferOrder};
use mockbank_bank::counter::Policy;
use mockbank_bank::{AccountId, AccountKind, CardId, Currency, HoldId, Money, Settings, UserId};
use mockbank_store::{
    Answer, Order, Page, Result, Store, StoreError, TellerSettings, TransactionFilter,
};
use proptest::prelude::*;

use crate::faults::{occupy, together};
use crate::harness::{Bank, STORIES, wait};
use crate::model::Model;
use crate::world::request;

const USERS: i64 = 3;
const OVERDRAFT: i64 = 5_000;

/// Seconds for which a key is kept.
const KEY_LIFETIME: i64 = 24 * 60 * 60;

/// Commands that may wait; a batch counts as its transfers.
const CAPACITY: usize = 8;

#[derive(Clone, Debug)]
enum Event {
    /// A command with a key of its own, or with none.
    Command(Command, bool),
    /// An earlier command with its key once more.
    Again(prop::sample::Index),
    /// The same after the key's life, so that it is a new command.
    Late(prop::sample::Index),
    /// Commands that wait in line together, each of them twice, and some more than fit in.
    Together(Vec<Command>),
    /// The same, and their commit fails if they post anything.
    CommitFails(Vec<Command>),
    /// Time passes.
    Pass(i64),
    /// All is shut and opened again.
    Restart,
    /// The disk refuses what the next command writes.
    DiskFails(Command),
}

fn account() -> impl Strategy<Value = AccountId> {
    prop_oneof![12 => 1i64..4, 4 => 4i64..6, 1 => 6i64..9].prop_map(AccountId::new)
}

fn card() -> impl Strategy<Value = CardId> {
    prop_oneof![8 => 1i64..4, 1 => 4i64..7].prop_map(CardId::new)
}

fn user() -> impl Strategy<Value = UserId> {
    (1i64..5).prop_map(UserId::new)
}

fn hold() -> impl Strategy<Value = HoldId> {
    (1i64..5).prop_map(HoldId::new)
}

fn amount() -> impl Strategy<Value = Money> {
    prop_oneof![
        8 => 1i64..60_000,
        1 => Just(100_000),
        1 => prop_oneof![Just(0), Just(-5), Just(i64::MAX), Just(i64::MIN), Just(1_000_000_000_001)],
    ]
    .prop_map(Money::from_minor)
}

fn text() -> impl Strategy<Value = Option<String>> {
    prop::option::of(prop_oneof![Just("rent".to_owned()), Just("Café, №7".to_owned())])
}

fn transfer() -> impl Strategy<Value = TransferOrder> {
    (account(), account(), amount(), text())
        .prop_map(|(from, to, amount, description)| TransferOrder { from, to, amount, description })
}

fn moving() -> BoxedStrategy<Command> {
    let mode = prop_oneof![Just(BatchMode::Atomic), Just(BatchMode::Independent)];
    let target =
        prop_oneof![account().prop_map(ManualTarget::Account), card().prop_map(ManualTarget::Card)];
    let signed = prop_oneof![amount(), amount().prop_map(|a| Money::from_minor(-(a.minor() / 2)))];
    prop_oneof![
        4 => transfer().prop_map(Command::Transfer),
        2 => (mode, prop::collection::vec(transfer(), 0..4))
            .prop_map(|(mode, orders)| Command::Batch { mode, orders }),
        4 => (transfer(), prop_oneof![1 => Just(0), 8 => 1i64..200_000])
            .prop_map(|(order, expires_in)| Command::Authorise { order, expires_in }),
        2 => (hold(), prop::option::of(amount()))
            .prop_map(|(hold, amount)| Command::PostHold { hold, amount }),
        1 => hold().prop_map(|hold| Command::VoidHold { hold }),
        3 => (target, signed, text())
            .prop_map(|(target, amount, description)| Command::Manual { target, amount, description }),
    ]
    .boxed()
}

fn administrative() -> BoxedStrategy<Command> {
    let kind = prop_oneof![Just(AccountKind::Checking), Just(AccountKind::Savings)];
    let currency = prop_oneof![Just(Currency::USD), Just(Currency::EUR)];
    prop_oneof![
        1 => prop_oneof![Just("ann"), Just("user1"), Just("zoë"), Just("")].prop_map(register),
        3 => (user(), kind, currency).prop_map(|(user, kind, currency)| Command::OpenAccount {
            user,
            kind,
            currency
        }),
        1 => (account(), amount(), 0u8..30, prop_oneof![Just(1234), Just(10_000)])
            .prop_map(|(account, limit, day, last_four)| issue(account, limit, day, last_four)),
        1 => (card(), any::<bool>()).prop_map(|(card, blocked)| Command::BlockCard { card, blocked }),
        1 => (card(), amount()).prop_map(|(card, limit)| Command::SetCardLimit { card, limit }),
        1 => (account(), prop::bool::weighted(0.3))
            .prop_map(|(account, frozen)| Command::FreezeAccount { account, frozen }),
        1 => account().prop_map(|account| Command::CloseAccount { account }),
        1 => user().prop_map(|user| Command::SetPassword { user, password_hash: "$new".to_owned() }),
        1 => any::<bool>()
            .prop_map(|running| Command::BeginJob { act: "verify the world".to_owned(), running }),
        1 => (user(), any::<bool>()).prop_map(|(user, notifications)| Command::SetSettings {
            user,
            settings: Settings { theme: "dark".to_owned(), notifications },
        }),
    ]
    .boxed()
}

fn register(username: &str) -> Command {
    Command::RegisterUser(NewUser {
        username: username.to_owned(),
        password_hash: "$own".to_owned(),
        first_name: "Ann".to_owned(),
        last_name: "Lee".to_owned(),
        email: String::new(),
        city: "Online".to_owned(),
    })
}

fn issue(account: AccountId, limit: Money, billing_day: u8, last_four: u16) -> Command {
    Command::IssueCard(CardOrder {
        account,
        limit,
        billing_day,
        profile: "FRUGAL".to_owned(),
        last_four,
        valid_years: 1,
    })
}

fn command() -> impl Strategy<Value = Command> {
    prop_oneof![3 => moving(), 1 => administrative()]
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        20 => (command(), any::<bool>()).prop_map(|(command, keyed)| Event::Command(command, keyed)),
        4 => any::<prop::sample::Index>().prop_map(Event::Again),
        1 => any::<prop::sample::Index>().prop_map(Event::Late),
        2 => prop::collection::vec(command(), 1..8).prop_map(Event::Together),
        1 => prop::collection::vec(moving(), 1..3).prop_map(Event::CommitFails),
        2 => prop_oneof![9 => 0i64..100_000, 1 => Just(30 * 86_400)].prop_map(Event::Pass),
        1 => Just(Event::Restart),
        1 => moving().prop_map(Event::DiskFails),
    ]
}

fn settings() -> TellerSettings {
    let overdraft = Money::from_minor(OVERDRAFT);
    TellerSettings {
        policy: Policy::default().with_overdraft(AccountKind::Checking, overdraft),
        // So few that books are forgotten and read again all the time.
        hot_accounts: 2,
        capacity: CAPACITY,
        ..TellerSettings::default()
    }
}

/// What became of a command: its answer, and whether it was carried out.
struct Past {
    command: Command,
    key: String,
    accepted: Option<Vec<u8>>,
}

/// Answers to commands that were given together; `None` where the line was full.
type Answers = Vec<Option<Result<Answer>>>;

struct Story {
    bank: Bank,
    model: Model,
    past: Vec<Past>,
    /// Seconds by which the last late request came after the others.
    later: i64,
    /// Commands and groups that were given so far.
    given: usize,
}

impl Story {
    fn tell(mut self, events: Vec<Event>) {
        for event in events {
            match event {
                Event::Command(command, keyed) => {
                    self.given += 1;
                    let key = keyed.then(|| format!("key {}", self.given));
                    let accepted = self.give(&command, key.as_deref());
                    if let Some(key) = key {
                        self.past.push(Past { command, key, accepted });
                    }
                }
                Event::Again(which) if !self.past.is_empty() => {
                    self.again(which.index(self.past.len()));
                }
                Event::Late(which) if !self.past.is_empty() => {
                    self.late(which.index(self.past.len()));
                }
                Event::Again(_) | Event::Late(_) => {}
                Event::Together(commands) => self.together(&commands),
                Event::CommitFails(commands) => self.fail_commit(&commands),
                Event::Pass(seconds) => {
                    self.bank.pass(seconds);
                    self.model.pass(seconds);
                }
                Event::Restart => {
                    self.bank = Bank::open(self.bank.close(), settings());
                }
                Event::DiskFails(command) => self.fail(&command),
            }
            compare(&self.bank, &self.model);
        }
    }

    /// Gives a command to both; the answer if it was carried out.
    fn give(&mut self, command: &Command, key: Option<&str>) -> Option<Vec<u8>> {
        let before = self.bank.dump();
        let answer = self.bank.give(command.clone(), key).unwrap();
        assert!(!answer.replayed);
        let body = String::from_utf8(answer.reply.body.clone()).unwrap();
        match self.model.carry_out(command) {
            Ok(codes) => {
                assert_eq!(answer.reply.status, 201, "{command}: {body}");
                assert!(codes.iter().all(|code| is_said(&body, code)), "{codes:?} in {body}");
                Some(answer.reply.body)
            }
            Err(code) => {
                assert_eq!(body, code, "{command}");
                assert_eq!(self.bank.dump(), before, "{command} left a trace");
                None
            }
        }
    }

    fn again(&mut self, which: usize) {
        let Past { command, key, accepted } = &self.past[which];
        let (command, key) = (command.clone(), key.clone());
        match accepted.clone() {
            Some(body) => {
                let before = self.bank.dump();
                let answer = self.bank.give(command, Some(&key)).unwrap();
                assert!(answer.replayed);
                assert_eq!(answer.reply.body, body);
                assert_eq!(self.bank.dump(), before, "a replay left a trace");
            }
            // What was refused is judged anew.
            None => self.past[which].accepted = self.give(&command, Some(&key)),
        }
    }

    /// A key that is not known any more is as good as a new one.
    fn late(&mut self, which: usize) {
        let Past { command, key, .. } = &self.past[which];
        let mut request = request(command.clone(), Some(key));
        self.later += KEY_LIFETIME;
        if let Some(key) = &mut request.idempotency {
            key.received_at += self.later;
        }
        let command = command.clone();
        let answer = self.bank.teller.execute_blocking(request).unwrap();
        assert!(!answer.replayed);
        let accepted = self.model.carry_out(&command).is_ok();
        assert_eq!(answer.reply.status, if accepted { 201 } else { 409 }, "{command}");
        // At that time the other keys are over too, and each may be deleted by now or not.
        self.past.clear();
    }

    /// Commands in one group, in order; what does not fit into the line is turned away.
    fn together(&mut self, commands: &[Command]) {
        let (asked, answers) = self.ask_together(commands);
        let mut carried = Vec::new();
        for ((command, key), answer) in asked.into_iter().zip(answers) {
            let Some(answer) = answer else { continue };
            let answer = answer.unwrap();
            if let Some((_, body)) = carried.iter().find(|(known, _)| *known == key) {
                assert_eq!((answer.replayed, &answer.reply.body), (true, body));
                continue;
            }
            assert!(!answer.replayed);
            match self.model.carry_out(command) {
                Ok(_) => carried.push((key, answer.reply.body)),
                Err(code) => assert_eq!(answer.reply.body, code.as_bytes(), "{command}"),
            }
        }
    }

    /// A group that posts something fails as a whole; one that does not is carried out.
    fn fail_commit(&mut self, commands: &[Command]) {
        let before = self.bank.dump();
        self.bank.fail_commits();
        let (asked, answers) = self.ask_together(commands);
        self.bank.let_commits_be();
        if answers.iter().flatten().any(Result::is_err) {
            let failed = |answer| matches!(answer, &Err(StoreError::Database(_)));
            assert!(answers.iter().flatten().all(failed), "{answers:?}");
            assert_eq!(self.bank.dump(), before, "a failed commit left a trace");
            return;
        }
        for ((command, _), answer) in asked.into_iter().zip(answers) {
            let Some(answer) = answer.transpose().unwrap() else { continue };
            if !answer.replayed {
                let status = if self.model.carry_out(command).is_ok() { 201 } else { 409 };
                assert_eq!(answer.reply.status, status, "{command}");
            }
        }
    }

    /// Gives commands, each twice with a key, while the teller is busy; `None` for an answer that
    /// the line was full.
    fn ask_together<'c>(
        &mut self,
        commands: &'c [Command],
    ) -> (Vec<(&'c Command, String)>, Answers) {
        self.given += 1;
        let key = |number: usize| format!("group {} {number}", self.given);
        let twice = (0..commands.len()).flat_map(|number| [number, number]);
        let asked: Vec<_> = twice.map(|number| (&commands[number], key(number))).collect();
        let requests = asked.iter().map(|(command, key)| request((*command).clone(), Some(key)));
        let answers = together(&self.bank, requests.collect(), occupy(&self.bank));
        let mut waiting = 0;
        let answers = asked.iter().zip(answers).map(|((command, _), answer)| {
            let weight = match command {
                Command::Batch { orders, .. } => orders.len().max(1),
                _ => 1,
            };
            if waiting > 0 && waiting + weight > CAPACITY {
                assert!(matches!(answer, Err(StoreError::Overloaded { .. })), "{answer:?}");
                return None;
            }
            waiting += weight;
            Some(answer)
        });
        let answers = answers.collect();
        (asked, answers)
    }

    fn fail(&mut self, command: &Command) {
        const TABLES: [&str; 2] = ["posting", "hold"];
        for table in TABLES {
            self.bank.break_disk("INSERT", table);
        }
        let before = self.bank.dump();
        match self.bank.give(command.clone(), None) {
            Err(error) => {
                assert!(error.to_string().contains("the disk is gone"), "{error}");
                assert_eq!(self.bank.dump(), before);
            }
            // It needed none of the rows that the disk refuses.
            Ok(answer) => {
                let expected = if self.model.carry_out(command).is_ok() { 201 } else { 409 };
                assert_eq!(answer.reply.status, expected, "{command}");
            }
        }
        for table in TABLES {
            self.bank.mend_disk(table);
        }
    }
}

fn is_said(body: &str, code: &str) -> bool {
    let refusal = match code {
        "" => return true,
        "unknown_account" => "UnknownAccount",
        "same_account" => "SameAccount",
        "amount_not_positive" => "AmountNotPositive",
        "amount_too_large" => "AmountTooLarge",
        "account_frozen" => "AccountFrozen",
        "account_closed" => "AccountClosed",
        "currency_mismatch" => "CurrencyMismatch",
        "insufficient_funds" => "InsufficientFunds",
        other => panic!("{other} is no refusal of a transfer"),
    };
    body.contains(refusal)
}

fn compare(bank: &Bank, model: &Model) {
    let store = &bank.store;
    let all = Page { number: 1, size: 10_000 };
    let world = wait(store.world()).unwrap();
    assert_eq!(world.clock.seconds(), model.now);
    assert_eq!(world.counts.users, model.users.len() as u64);
    assert_eq!(world.counts.accounts, model.accounts.len() as u64);
    assert_eq!(world.counts.cards, model.cards.len() as u64);
    let lines: usize = model.accounts.iter().map(|account| account.lines.len()).sum();
    assert_eq!(world.counts.transactions, lines as u64);
    assert_eq!(wait(store.ledger()).unwrap().sum(), 0);
    for (number, expected) in (1..).zip(&model.accounts) {
        let id = AccountId::new(number);
        let found = wait(store.account(id)).unwrap().unwrap();
        assert_eq!(found.balance.minor(), expected.balance, "{id}");
        assert_eq!(found.status.name(), expected.status, "{id}");
        assert_eq!((found.kind, found.currency), (expected.kind, expected.currency), "{id}");
        assert_eq!(wait(store.held(id)).unwrap().map(Money::minor), Some(expected.held), "{id}");
        let filter = TransactionFilter { order: Order::Ascending, ..TransactionFilter::default() };
        let book = wait(store.transactions_of_account(id, &filter, all)).unwrap();
        let lines: Vec<_> = book
            .items
            .iter()
            .map(|line| {
                let posting = line.posting;
                let after =
                    if posting.card.is_some() { posting.card_balance } else { posting.balance };
                (posting.amount.minor(), after.minor(), line.description.to_string())
            })
            .collect();
        assert_eq!(lines, expected.lines, "{id}");
    }
    for (number, expected) in (1..).zip(&model.cards) {
        let found = wait(store.card(CardId::new(number))).unwrap().unwrap();
        assert_eq!(usize::try_from(found.account.number()).unwrap(), expected.account + 1);
        assert_eq!(found.status.name(), expected.status);
        assert_eq!((found.limit.minor(), found.spend.minor()), (expected.limit, expected.spend));
        assert_eq!(i64::from(found.expires.number()) + 1, expected.invalid_from);
    }
    for (number, expected) in (1..).zip(&model.holds) {
        let found = wait(store.hold(HoldId::new(number))).unwrap().unwrap();
        assert_eq!((found.from, found.to), (expected.from, expected.to));
        assert_eq!(found.amount.minor(), expected.amount);
        assert_eq!(found.state.name(), expected.state);
    }
    for (number, expected) in (1..).zip(&model.users) {
        let found = wait(store.user(UserId::new(number))).unwrap().unwrap();
        assert_eq!((&found.username, &found.settings.theme), (&expected.username, &expected.theme));
        let login = wait(store.credentials(&found.username)).unwrap().unwrap();
        assert_eq!(login.password_hash, expected.password);
    }
}

pub(crate) fn the_bank_and_the_model_agree() {
    let config = ProptestConfig { cases: STORIES, ..ProptestConfig::default() };
    proptest!(config, |(events in prop::collection::vec(event(), 1..60))| {
        let story = Story {
            bank: Bank::new(USERS, settings()),
            model: Model::new(USERS, OVERDRAFT),
            past: Vec::new(),
            later: 0,
            given: 0,
        };
        story.tell(events);
    });
}
