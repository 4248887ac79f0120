//! The bank a second time, written as plainly as can be: lists, loops and copies.
//!
//! It shares nothing with the bank's rules but the words of its commands.

use mockbank_bank::command::{BatchMode, Command, ManualTarget, TransferOrder};
use mockbank_bank::{AccountId, AccountKind, CardId, Currency, HoldId, Money, UserId};

use crate::world::{CURRENCY, LIMIT, OPENING, START};

const DAY: i64 = 86_400;
const LARGEST: i64 = 1_000_000_000_000;

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Model {
    pub(crate) now: i64,
    pub(crate) overdraft: i64,
    pub(crate) users: Vec<User>,
    pub(crate) accounts: Vec<Account>,
    pub(crate) cards: Vec<Card>,
    pub(crate) holds: Vec<Hold>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct User {
    pub(crate) username: String,
    pub(crate) theme: String,
    pub(crate) password: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Account {
    pub(crate) kind: AccountKind,
    pub(crate) currency: Currency,
    /// `ACTIVE`, `FROZEN` or `CLOSED`.
    pub(crate) status: &'static str,
    pub(crate) balance: i64,
    pub(crate) held: i64,
    /// Amount, balance after it and description of each line, the cards' included.
    pub(crate) lines: Vec<(i64, i64, String)>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Card {
    pub(crate) account: usize,
    /// `ACTIVE` or `BLOCKED`.
    pub(crate) status: &'static str,
    pub(crate) limit: i64,
    pub(crate) spend: i64,
    /// First day on which it is no longer valid.
    pub(crate) invalid_from: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hold {
    pub(crate) from: AccountId,
    pub(crate) to: AccountId,
    pub(crate) amount: i64,
    pub(crate) text: Option<String>,
    pub(crate) expires_at: i64,
    /// `PENDING`, `POSTED`, `VOIDED` or `EXPIRED`.
    pub(crate) state: &'static str,
}

type Answer = Result<Vec<&'static str>, &'static str>;

const DONE: Answer = Ok(Vec::new());

impl Model {
    pub(crate) fn new(users: i64, overdraft: i64) -> Self {
        let mut model = Self {
            now: START * DAY,
            overdraft,
            users: Vec::new(),
            accounts: Vec::new(),
            cards: Vec::new(),
            holds: Vec::new(),
        };
        for number in 1..=users {
            model.users.push(User {
                username: format!("user{number}"),
                theme: "light".to_owned(),
                password: "$argon2id$default".to_owned(),
            });
            let mut account = empty_account(AccountKind::Checking, CURRENCY);
            account.balance = OPENING;
            model.accounts.push(account);
            model.cards.push(Card {
                account: model.accounts.len() - 1,
                status: "ACTIVE",
                limit: LIMIT,
                spend: 0,
                invalid_from: START + 21,
            });
        }
        model
    }

    /// Lets time pass.
    pub(crate) fn pass(&mut self, seconds: i64) {
        self.now += seconds;
        for hold in &mut self.holds {
            if hold.state == "PENDING" && hold.expires_at <= self.now {
                hold.state = "EXPIRED";
                self.accounts[index(hold.from.number())].held -= hold.amount;
            }
        }
    }

    /// Carries a command out: codes of the transfers of a batch that were refused (empty for those
    /// that were not), or the code of the refusal of the whole.
    pub(crate) fn carry_out(&mut self, command: &Command) -> Answer {
        let before = self.clone();
        let answer = self.attempt(command);
        if answer.is_err() {
            *self = before;
        }
        answer
    }

    fn attempt(&mut self, command: &Command) -> Answer {
        match command {
            Command::Transfer(order) => self.transfer(order, 0).map(|()| Vec::new()),
            Command::Batch { mode, orders } => self.batch(*mode, orders),
            Command::Authorise { order, expires_in } => self.authorise(order, *expires_in),
            Command::PostHold { hold, amount } => self.post(*hold, amount.map(Money::minor)),
            Command::VoidHold { hold } => self.void(*hold),
            Command::Manual { target, amount, description } => {
                let text = description.as_deref().unwrap_or("Manual transaction");
                self.by_hand(*target, amount.minor(), text)
            }
            Command::RegisterUser(new) => {
                if new.username.is_empty() {
                    return Err("username_empty");
                }
                if self.users.iter().any(|user| user.username == new.username) {
                    return Err("username_taken");
                }
                self.users.push(User {
                    username: new.username.clone(),
                    theme: "light".to_owned(),
                    password: new.password_hash.clone(),
                });
                DONE
            }
            Command::OpenAccount { user, kind, currency } => {
                self.user(*user)?;
                self.accounts.push(empty_account(*kind, *currency));
                DONE
            }
            Command::IssueCard(order) => {
                let account = self.account(order.account)?;
                self.check_open(account)?;
                check_amount(order.limit.minor())?;
                if order.billing_day == 0
                    || order.billing_day > 28
                    || order.last_four > 9999
                    || order.valid_years != 1
                {
                    return Err("card_terms");
                }
                self.cards.push(Card {
                    account,
                    status: "ACTIVE",
                    limit: order.limit.minor(),
                    spend: 0,
                    // The tests end before the next leap year.
                    invalid_from: self.now / DAY + 366,
                });
                DONE
            }
            Command::BlockCard { card, blocked } => {
                let index = self.card(*card)?;
                self.check_not_closed(self.cards[index].account)?;
                if self.now / DAY >= self.cards[index].invalid_from
                    && self.cards[index].status == "ACTIVE"
                {
                    return Err("card_expired");
                }
                self.cards[index].status = if *blocked { "BLOCKED" } else { "ACTIVE" };
                DONE
            }
            Command::SetCardLimit { card, limit } => {
                let index = self.card(*card)?;
                self.check_not_closed(self.cards[index].account)?;
                check_amount(limit.minor())?;
                if limit.minor() < self.cards[index].spend {
                    return Err("limit_below_spend");
                }
                self.cards[index].limit = limit.minor();
                DONE
            }
            Command::FreezeAccount { account, frozen } => {
                let index = self.account(*account)?;
                self.check_not_closed(index)?;
                self.accounts[index].status = if *frozen { "FROZEN" } else { "ACTIVE" };
                DONE
            }
            Command::CloseAccount { account } => {
                let index = self.account(*account)?;
                self.check_open(index)?;
                let owed = self.cards.iter().any(|card| card.account == index && card.spend != 0);
                let account = &mut self.accounts[index];
                if account.balance != 0 || account.held != 0 || owed {
                    return Err("account_not_empty");
                }
                account.status = "CLOSED";
                DONE
            }
            Command::SetPassword { user, password_hash } => {
                let user = self.user(*user)?;
                self.users[user].password.clone_from(password_hash);
                DONE
            }
            Command::SetSettings { user, settings } => {
                let user = self.user(*user)?;
                self.users[user].theme.clone_from(&settings.theme);
                DONE
            }
            Command::BeginJob { running: true, .. } => Err("job_running"),
            Command::BeginJob { running: false, .. } => DONE,
        }
    }

    fn transfer(&mut self, order: &TransferOrder, freed: i64) -> Result<(), &'static str> {
        let (from, to) = self.check_transfer(order, freed)?;
        let amount = order.amount.minor();
        self.line(from, -amount, order.description.as_deref().unwrap_or("Transfer sent"));
        self.line(to, amount, order.description.as_deref().unwrap_or("Transfer received"));
        Ok(())
    }

    /// `freed` is how much more the payer may use than he has free.
    fn check_transfer(
        &self,
        order: &TransferOrder,
        freed: i64,
    ) -> Result<(usize, usize), &'static str> {
        let from = self.account(order.from)?;
        let to = self.account(order.to)?;
        if from == to {
            return Err("same_account");
        }
        check_amount(order.amount.minor())?;
        self.check_open(from)?;
        self.check_open(to)?;
        if self.accounts[from].currency != self.accounts[to].currency {
            return Err("currency_mismatch");
        }
        let payer = &self.accounts[from];
        let has_overdraft = payer.kind == AccountKind::Checking && payer.currency == CURRENCY;
        let overdraft = if has_overdraft { self.overdraft } else { 0 };
        if order.amount.minor() > payer.balance - payer.held + overdraft.max(freed) {
            return Err("insufficient_funds");
        }
        Ok((from, to))
    }

    fn batch(&mut self, mode: BatchMode, orders: &[TransferOrder]) -> Answer {
        let mut codes = Vec::new();
        for order in orders {
            match self.transfer(order, 0) {
                Ok(()) => codes.push(""),
                Err(code) if mode == BatchMode::Atomic => return Err(code),
                Err(code) => codes.push(code),
            }
        }
        Ok(codes)
    }

    fn authorise(&mut self, order: &TransferOrder, expires_in: i64) -> Answer {
        self.account(order.from)?;
        self.account(order.to)?;
        if expires_in <= 0 {
            return Err("expiry_not_ahead");
        }
        let (from, _) = self.check_transfer(order, 0)?;
        self.accounts[from].held += order.amount.minor();
        self.holds.push(Hold {
            from: order.from,
            to: order.to,
            amount: order.amount.minor(),
            text: order.description.clone(),
            expires_at: self.now + expires_in,
            state: "PENDING",
        });
        DONE
    }

    fn post(&mut self, id: HoldId, amount: Option<i64>) -> Answer {
        let index = self.pending(id)?;
        let Hold { from, to, amount: held, text, .. } = self.holds[index].clone();
        let amount = amount.unwrap_or(held);
        if amount > held {
            return Err("more_than_held");
        }
        self.accounts[self::index(from.number())].held -= held;
        let order =
            TransferOrder { from, to, amount: Money::from_minor(amount), description: text };
        // What was held may be moved whatever happened to the balance since.
        self.transfer(&order, i64::MAX / 4)?;
        self.holds[index].state = "POSTED";
        DONE
    }

    fn void(&mut self, id: HoldId) -> Answer {
        let index = self.pending(id)?;
        let hold = &mut self.holds[index];
        hold.state = "VOIDED";
        self.accounts[self::index(hold.from.number())].held -= hold.amount;
        DONE
    }

    fn pending(&self, id: HoldId) -> Result<usize, &'static str> {
        let index = index(id.number());
        match self.holds.get(index).map(|hold| hold.state) {
            None => Err("unknown_hold"),
            Some("PENDING") => Ok(index),
            Some("EXPIRED") => Err("hold_expired"),
            Some(_) => Err("hold_resolved"),
        }
    }

    fn by_hand(&mut self, target: ManualTarget, amount: i64, text: &str) -> Answer {
        let (account, card) = match target {
            ManualTarget::Account(account) => (self.account(account)?, None),
            ManualTarget::Card(card) => {
                let card = self.card(card)?;
                (self.cards[card].account, Some(card))
            }
        };
        if self.accounts[account].currency != CURRENCY {
            return Err("currency_mismatch");
        }
        self.check_open(account)?;
        if amount == 0 {
            return Err("amount_zero");
        }
        if !(-LARGEST..=LARGEST).contains(&amount) {
            return Err("amount_too_large");
        }
        let Some(card) = card else {
            self.line(account, amount, text);
            return DONE;
        };
        let state = &mut self.cards[card];
        if state.status == "BLOCKED" {
            return Err("card_blocked");
        }
        if self.now / DAY >= state.invalid_from {
            return Err("card_expired");
        }
        if amount < 0 && state.spend - amount > state.limit {
            return Err("limit_exceeded");
        }
        state.spend -= amount;
        let owed = -state.spend;
        self.accounts[account].lines.push((amount, owed, text.to_owned()));
        DONE
    }

    fn line(&mut self, account: usize, amount: i64, text: &str) {
        let account = &mut self.accounts[account];
        account.balance += amount;
        account.lines.push((amount, account.balance, text.to_owned()));
    }

    fn user(&self, id: UserId) -> Result<usize, &'static str> {
        let index = index(id.number());
        if index < self.users.len() { Ok(index) } else { Err("unknown_user") }
    }

    fn account(&self, id: AccountId) -> Result<usize, &'static str> {
        let index = index(id.number());
        if index < self.accounts.len() { Ok(index) } else { Err("unknown_account") }
    }

    fn card(&self, id: CardId) -> Result<usize, &'static str> {
        let index = index(id.number());
        if index < self.cards.len() { Ok(index) } else { Err("unknown_card") }
    }

    fn check_not_closed(&self, account: usize) -> Result<(), &'static str> {
        if self.accounts[account].status == "CLOSED" { Err("account_closed") } else { Ok(()) }
    }

    fn check_open(&self, account: usize) -> Result<(), &'static str> {
        self.check_not_closed(account)?;
        if self.accounts[account].status == "FROZEN" { Err("account_frozen") } else { Ok(()) }
    }
}

fn empty_account(kind: AccountKind, currency: Currency) -> Account {
    Account { kind, currency, status: "ACTIVE", balance: 0, held: 0, lines: Vec::new() }
}

fn check_amount(amount: i64) -> Result<(), &'static str> {
    if amount <= 0 {
        return Err("amount_not_positive");
    }
    if amount > LARGEST { Err("amount_too_large") } else { Ok(()) }
}

fn index(number: i64) -> usize {
    usize::try_from(number - 1).unwrap()
}
