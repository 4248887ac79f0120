//! Carrying orders out: the bank's rules judge, and one step of the store keeps what came of it.

use mockbank_bank::catalog::{category, description, place};
use mockbank_bank::command::{ManualTarget, Outcome};
use mockbank_bank::rules::{self, Book, Entry, Refusal, Transfer};
use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, BankAccount, Card, CardId, CardStatus, GroupId,
    LedgerAccount, Money, Posting, PostingBatch, PostingKind, Settings, User, UserId,
};
use mockbank_store::{Books, Holder, Result, Step, Store, StoreError, WorldInfo, Writer};

use crate::bank::{NewCard, NewCustomer, Order};

/// Days until a card that was issued by hand expires: three years.
const CARD_DAYS: i64 = 3 * 365 + 1;

/// A transfer's group is made of the payer's account and place in the book, so that no other
/// recent transfer has it. The place takes this many bits: with an account's 36 the number stays
/// below those of the simulation.
const SEQUENCE_BITS: u32 = 21;

/// What came of an order.
type Answer = Result<Result<Outcome, Refusal>>;

/// Carries an order out at the world's time, or refuses it; a refusal leaves no trace.
pub(super) async fn carry_out(store: &dyn Store, writer: &mut dyn Writer, order: Order) -> Answer {
    let mut step = writer.begin()?;
    let world = step.world()?;
    let mut counter = Counter { store, step, world };
    let outcome = match order {
        Order::Register(new) => counter.register(new).await?,
        Order::OpenAccount { user, kind } => counter.open(user, kind).await?,
        Order::IssueCard(new) => counter.issue(new).await?,
        Order::Manual { target, amount } => counter.book(target, amount).await?,
        Order::Transfer { from, to, amount } => counter.transfer(from, to, amount).await?,
    };
    if outcome.is_ok() {
        counter.step.commit(counter.world.clock)?;
    }
    Ok(outcome)
}

struct Counter<'a> {
    store: &'a dyn Store,
    step: Box<dyn Step + Send + 'a>,
    world: WorldInfo,
}

impl Counter<'_> {
    async fn register(&mut self, new: NewCustomer) -> Answer {
        if self.store.credentials(&new.username).await?.is_some() {
            return Ok(Err(Refusal::UsernameTaken));
        }
        let user = User {
            id: UserId::new(next(self.world.counts.users)),
            username: new.username,
            first_name: new.first_name,
            last_name: new.last_name,
            email: new.email,
            city: new.city,
            created_at: self.world.clock,
            settings: Settings { theme: "light".to_owned(), notifications: true },
        };
        self.step.add_customers(std::slice::from_ref(&user), &[], &[])?;
        Ok(Ok(Outcome::User(user)))
    }

    async fn open(&mut self, user: UserId, kind: AccountKind) -> Answer {
        if self.store.user(user).await?.is_none() {
            return Ok(Err(Refusal::UnknownUser(user)));
        }
        let account = Account {
            id: AccountId::new(next(self.world.counts.accounts)),
            user,
            kind,
            currency: self.world.currency,
            status: AccountStatus::Active,
            opening_balance: Money::ZERO,
            balance: Money::ZERO,
            salary: Money::ZERO,
            employer: None,
            postings: 0,
        };
        self.step.add_customers(&[], std::slice::from_ref(&account), &[])?;
        Ok(Ok(Outcome::Account(account)))
    }

    async fn issue(&mut self, new: NewCard) -> Answer {
        if self.store.account(new.account).await?.is_none() {
            return Ok(Err(Refusal::UnknownAccount(new.account)));
        }
        let issued = self.world.clock.day();
        let card = Card {
            id: CardId::new(next(self.world.counts.cards)),
            account: new.account,
            last_four: new.last_four,
            status: CardStatus::Active,
            limit: new.limit,
            billing_day: new.billing_day,
            profile: new.profile,
            spend: Money::ZERO,
            issued,
            expires: issued.plus(CARD_DAYS).unwrap_or(mockbank_bank::Day::MAX),
            last_bill: None,
            postings: 0,
        };
        self.step.add_customers(&[], &[], std::slice::from_ref(&card))?;
        Ok(Ok(Outcome::Card(card)))
    }

    async fn book(&mut self, target: ManualTarget, amount: Money) -> Answer {
        let account = match target {
            ManualTarget::Account(account) => account,
            ManualTarget::Card(card) => match self.store.card(card).await? {
                Some(card) => card.account,
                None => return Ok(Err(Refusal::UnknownCard(card))),
            },
        };
        let Some((mut holder, place)) = self.holder(account).await? else {
            return Ok(Err(Refusal::UnknownAccount(account)));
        };
        let entry = Entry {
            contra: LedgerAccount::Bank(BankAccount::ManualEntries),
            ..self.entry(PostingKind::Manual, category::MANUAL, description::MANUAL)
        };
        let book = &mut holder.accounts[place].2;
        let posted = match target {
            ManualTarget::Account(_) => rules::post_to_deposit(book, amount, &entry),
            ManualTarget::Card(card) => match book.cards.iter().position(|own| own.card == card) {
                Some(index) => rules::post_to_card(book, index, amount, &entry),
                None => Err(Refusal::UnknownCard(card)),
            },
        };
        match posted {
            Err(refusal) => Ok(Err(refusal)),
            Ok(posting) => {
                self.keep(&[posting], vec![moved(holder, &[place])])?;
                Ok(Ok(Outcome::Booked(posting)))
            }
        }
    }

    async fn transfer(&mut self, from: AccountId, to: AccountId, amount: Money) -> Answer {
        let Some((mut payer, paying)) = self.holder(from).await? else {
            return Ok(Err(Refusal::UnknownAccount(from)));
        };
        let Some((mut receiver, receiving)) = self.holder(to).await? else {
            return Ok(Err(Refusal::UnknownAccount(to)));
        };
        let mut out = payer.accounts[paying].2.clone();
        let mut into = receiver.accounts[receiving].2.clone();
        let group = Some(group(&out));
        let entry =
            |text| Entry { group, ..self.entry(PostingKind::Transfer, category::TRANSFER, text) };
        let (debit, credit) = (entry(description::TRANSFER_OUT), entry(description::TRANSFER_IN));
        let transfer = Transfer { amount, overdraft: Money::ZERO };
        let postings = match rules::transfer(&mut out, &mut into, transfer, &debit, &credit) {
            Ok(postings) => postings,
            Err(refusal) => return Ok(Err(refusal)),
        };
        payer.accounts[paying].2 = out;
        let books = if payer.user.id == receiver.user.id {
            payer.accounts[receiving].2 = into;
            vec![moved(payer, &[paying, receiving])]
        } else {
            receiver.accounts[receiving].2 = into;
            vec![moved(payer, &[paying]), moved(receiver, &[receiving])]
        };
        self.keep(&postings, books)?;
        Ok(Ok(Outcome::Transferred(postings)))
    }

    /// The customer who holds an account, and the account's place among the customer's.
    async fn holder(&mut self, account: AccountId) -> Result<Option<(Holder, usize)>> {
        let Some(found) = self.store.account(account).await? else { return Ok(None) };
        let holders = self.step.holders(found.user.number() - 1, 1)?;
        let damaged = || StoreError::Damaged(format!("nobody holds {account}"));
        let holder = holders.into_iter().next().ok_or_else(damaged)?;
        let place = holder.accounts.iter().position(|(own, _, _)| own.id == account);
        Ok(Some((holder, place.ok_or_else(damaged)?)))
    }

    fn keep(&mut self, postings: &[Posting], mut books: Vec<Books>) -> Result<()> {
        let mut batch = PostingBatch::with_capacity(postings.len());
        for posting in postings {
            batch.push(posting);
        }
        books.sort_by_key(|books| books.user);
        self.step.append(&batch)?;
        self.step.save(&books)
    }

    /// An entry at the bank's time; the rules of transfers set its other side.
    fn entry(&self, kind: PostingKind, category: u16, description: u32) -> Entry {
        Entry {
            at: self.world.clock,
            kind,
            category,
            contra: LedgerAccount::Bank(BankAccount::ManualEntries),
            description,
            place: place::ONLINE,
            reference: None,
            group: None,
        }
    }
}

/// The number after those that were given out.
fn next(count: u64) -> i64 {
    count.cast_signed() + 1
}

fn group(payer: &Book) -> GroupId {
    let place = (payer.postings + 1) & ((1 << SEQUENCE_BITS) - 1);
    GroupId::new(payer.account.number() << SEQUENCE_BITS | place.cast_signed())
}

/// What a customer's books at these places have become.
fn moved(holder: Holder, places: &[usize]) -> Books {
    let books = holder.accounts.into_iter().enumerate();
    Books {
        user: holder.user.id,
        books: books
            .filter(|(place, _)| places.contains(place))
            .map(|(_, (_, _, book))| book)
            .collect(),
        memory: holder.memory,
    }
}
