//! Commands that change customers, accounts and cards, and move no money.

use std::sync::Arc;

use super::desk::{Desk, Stop, take};
use super::{AccountRecord, Vault};
use crate::command::{CardOrder, NewUser, Outcome};
use crate::customer::{Account, AccountKind, AccountStatus, Card, CardStatus, Settings, User};
use crate::id::{AccountId, CardId, UserId};
use crate::money::{Currency, Money};
use crate::rules::{Book, CardBook, Refusal};
use crate::time::{Day, Instant};

/// The last day of a month on which a bill can be paid, since every month has it.
const LAST_BILLING_DAY: u8 = 28;

/// The longest that a card can be valid, in years.
const LONGEST_VALIDITY: u8 = 20;

impl<V: Vault> Desk<'_, V> {
    pub(super) fn register(&mut self, new: &NewUser) -> Result<Outcome, Stop<V::Error>> {
        if new.username.is_empty() {
            return Err(Refusal::UsernameEmpty.into());
        }
        if self.has_username(&new.username)? {
            return Err(Refusal::UsernameTaken.into());
        }
        let user = User {
            id: UserId::new(take(&mut self.effects.numbers.user, UserId::MAX)?),
            username: new.username.clone(),
            first_name: new.first_name.clone(),
            last_name: new.last_name.clone(),
            email: new.email.clone(),
            city: new.city.clone(),
            created_at: self.now,
            settings: Settings { theme: "light".to_owned(), notifications: true },
        };
        self.effects.passwords.insert(user.id, new.password_hash.clone());
        self.effects.users.insert(user.id, user.clone());
        Ok(Outcome::User(user))
    }

    pub(super) fn open_account(
        &mut self,
        user: UserId,
        kind: AccountKind,
        currency: Currency,
    ) -> Result<Outcome, Stop<V::Error>> {
        let user = self.user(user)?.id;
        let id = AccountId::new(take(&mut self.effects.numbers.account, AccountId::MAX)?);
        let account = Account {
            id,
            user,
            kind,
            currency,
            status: AccountStatus::Active,
            opening_balance: Money::ZERO,
            balance: Money::ZERO,
            salary: Money::ZERO,
            employer: None,
            postings: 0,
        };
        let book = Book {
            account: id,
            status: account.status,
            currency,
            balance: Money::ZERO,
            held: Money::ZERO,
            postings: 0,
            latest: Instant::default(),
            cards: Vec::new(),
        };
        self.keep(AccountRecord { account: account.clone(), cards: Arc::from([]), book });
        Ok(Outcome::Account(account))
    }

    pub(super) fn issue_card(&mut self, order: &CardOrder) -> Result<Outcome, Stop<V::Error>> {
        let mut record = self.account(order.account)?;
        check_active(&record)?;
        check_limit(order.limit)?;
        let expires = check_terms(order, self.now.day())?;
        let card = Card {
            id: CardId::new(take(&mut self.effects.numbers.card, CardId::MAX)?),
            account: order.account,
            last_four: order.last_four,
            status: CardStatus::Active,
            limit: order.limit,
            billing_day: order.billing_day,
            profile: order.profile.clone(),
            spend: Money::ZERO,
            issued: self.now.day(),
            expires,
            last_bill: None,
            postings: 0,
        };
        record.book.cards.push(CardBook {
            card: card.id,
            status: card.status,
            expires,
            limit: card.limit,
            spend: card.spend,
            postings: 0,
            last_bill: None,
        });
        record.cards = record.cards.iter().cloned().chain([card.clone()]).collect();
        self.keep(record);
        Ok(Outcome::Card(card))
    }

    pub(super) fn block_card(
        &mut self,
        card: CardId,
        blocked: bool,
    ) -> Result<Outcome, Stop<V::Error>> {
        let (mut record, index) = self.card(card)?;
        check_not_closed(&record)?;
        if record.card(index).status_on(self.now.day()) == CardStatus::Expired {
            return Err(Refusal::CardExpired(card).into());
        }
        record.book.cards[index].status =
            if blocked { CardStatus::Blocked } else { CardStatus::Active };
        Ok(self.keep_card(record, index))
    }

    pub(super) fn set_card_limit(
        &mut self,
        card: CardId,
        limit: Money,
    ) -> Result<Outcome, Stop<V::Error>> {
        let (mut record, index) = self.card(card)?;
        check_not_closed(&record)?;
        check_limit(limit)?;
        let stand = &mut record.book.cards[index];
        if limit < stand.spend {
            return Err(Refusal::LimitBelowSpend { spend: stand.spend }.into());
        }
        stand.limit = limit;
        Ok(self.keep_card(record, index))
    }

    pub(super) fn freeze_account(
        &mut self,
        account: AccountId,
        frozen: bool,
    ) -> Result<Outcome, Stop<V::Error>> {
        let mut record = self.account(account)?;
        check_not_closed(&record)?;
        record.book.status = if frozen { AccountStatus::Frozen } else { AccountStatus::Active };
        Ok(self.keep_account(record))
    }

    pub(super) fn close_account(&mut self, account: AccountId) -> Result<Outcome, Stop<V::Error>> {
        let mut record = self.account(account)?;
        check_active(&record)?;
        let book = &record.book;
        let empty = book.balance.is_zero()
            && book.held.is_zero()
            && book.cards.iter().all(|card| card.spend.is_zero());
        if !empty {
            return Err(Refusal::AccountNotEmpty(account).into());
        }
        record.book.status = AccountStatus::Closed;
        Ok(self.keep_account(record))
    }

    pub(super) fn set_password(
        &mut self,
        user: UserId,
        password_hash: &str,
    ) -> Result<Outcome, Stop<V::Error>> {
        let user = self.user(user)?;
        self.effects.passwords.insert(user.id, password_hash.to_owned());
        Ok(Outcome::Done)
    }

    pub(super) fn set_settings(
        &mut self,
        user: UserId,
        settings: &Settings,
    ) -> Result<Outcome, Stop<V::Error>> {
        let user = User { settings: settings.clone(), ..self.user(user)? };
        self.effects.users.insert(user.id, user.clone());
        Ok(Outcome::User(user))
    }

    fn keep_account(&mut self, record: AccountRecord) -> Outcome {
        let account = record.account();
        self.keep(record);
        Outcome::Account(account)
    }

    fn keep_card(&mut self, record: AccountRecord, index: usize) -> Outcome {
        let card = record.card(index);
        self.keep(record);
        Outcome::Card(card)
    }
}

fn check_not_closed(record: &AccountRecord) -> Result<(), Refusal> {
    match record.book.status {
        AccountStatus::Closed => Err(Refusal::AccountClosed(record.book.account)),
        AccountStatus::Active | AccountStatus::Frozen => Ok(()),
    }
}

fn check_active(record: &AccountRecord) -> Result<(), Refusal> {
    check_not_closed(record)?;
    match record.book.status {
        AccountStatus::Frozen => Err(Refusal::AccountFrozen(record.book.account)),
        AccountStatus::Active | AccountStatus::Closed => Ok(()),
    }
}

fn check_limit(limit: Money) -> Result<(), Refusal> {
    if !limit.is_positive() {
        return Err(Refusal::AmountNotPositive);
    }
    if limit > Money::MAX_MOVEMENT { Err(Refusal::AmountTooLarge) } else { Ok(()) }
}

/// The last day of a card's validity, or a refusal of its terms.
fn check_terms(order: &CardOrder, issued: Day) -> Result<Day, Refusal> {
    let good = (1..=LAST_BILLING_DAY).contains(&order.billing_day)
        && order.last_four <= 9999
        && (1..=LONGEST_VALIDITY).contains(&order.valid_years);
    if !good {
        return Err(Refusal::CardTerms);
    }
    let validity = jiff::Span::new().years(i64::from(order.valid_years));
    let expires = issued.date().checked_add(validity).map_err(|_| Refusal::CardTerms)?;
    Day::from_date(expires).map_err(|_| Refusal::CardTerms)
}
