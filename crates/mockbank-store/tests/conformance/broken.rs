//! Stores broken on purpose, each in one way.

use std::ops::RangeInclusive;
use std::sync::Arc;

use async_trait::async_trait;
use mockbank_bank::{
    Account, AccountId, Card, CardId, Catalog, DailyTotal, Day, Hold, HoldId, Money, PostingBatch,
    TransactionId, User, UserId,
};
use mockbank_store::{
    AccountFilter, AccountLine, AuditEntry, Credentials, DirectoryLine, DirectoryQuery,
    DirectorySort, HeldMoney, JobRecord, LedgerTotals, Listing, Order, Page, Result, Seal,
    Snapshot, Store, Transaction, TransactionFilter, WorldInfo,
};

/// What is wrong with a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    StaleClock,
    WrongCounts,
    StaleBalance,
    StaleSpend,
    ForgetsSettings,
    ForgetsAccountKind,
    ForgetsPassword,
    DropsPosting,
    RepeatsPosting,
    OffByOnePage,
    TotalOfPage,
    IgnoresOrder,
    ForgetsCategory,
    ForgetsSearch,
    MindsCase,
    ForgetsFrom,
    EndsBeforeLastDay,
    ForgetsMinAmount,
    MinAmountOfCredits,
    ShowsCardOfAccount,
    LosesOldTransactions,
    FindsByReferenceAlone,
    WrongHub,
    SnapshotSkips,
    SnapshotOfNow,
    HidesThoseWithoutAccount,
    ForgetsDirectoryText,
    ForgetsDirectorySort,
    ForgetsDirectoryOrder,
    DirectoryTotalOfWindow,
    DirectoryOfOpeningBalances,
    LosesLastDay,
    MixesCardsAndAccounts,
    ForgetsDays,
    LedgerOfAnotherTime,
    LosesSecondCard,
    FirstAccountsOnly,
}

impl Fault {
    pub(crate) const ALL: [Self; 37] = [
        Self::StaleClock,
        Self::WrongCounts,
        Self::StaleBalance,
        Self::StaleSpend,
        Self::ForgetsSettings,
        Self::ForgetsAccountKind,
        Self::ForgetsPassword,
        Self::DropsPosting,
        Self::RepeatsPosting,
        Self::OffByOnePage,
        Self::TotalOfPage,
        Self::IgnoresOrder,
        Self::ForgetsCategory,
        Self::ForgetsSearch,
        Self::MindsCase,
        Self::ForgetsFrom,
        Self::EndsBeforeLastDay,
        Self::ForgetsMinAmount,
        Self::MinAmountOfCredits,
        Self::ShowsCardOfAccount,
        Self::LosesOldTransactions,
        Self::FindsByReferenceAlone,
        Self::WrongHub,
        Self::SnapshotSkips,
        Self::SnapshotOfNow,
        Self::HidesThoseWithoutAccount,
        Self::ForgetsDirectoryText,
        Self::ForgetsDirectorySort,
        Self::ForgetsDirectoryOrder,
        Self::DirectoryTotalOfWindow,
        Self::DirectoryOfOpeningBalances,
        Self::LosesLastDay,
        Self::MixesCardsAndAccounts,
        Self::ForgetsDays,
        Self::LedgerOfAnotherTime,
        Self::LosesSecondCard,
        Self::FirstAccountsOnly,
    ];
}

/// A store with a fault.
#[derive(Clone)]
pub(crate) struct Broken {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) fault: Fault,
}

impl Broken {
    fn has(&self, fault: Fault) -> bool {
        self.fault == fault
    }

    fn spoil_filter(&self, filter: &TransactionFilter) -> TransactionFilter {
        let mut filter = filter.clone();
        match self.fault {
            Fault::ForgetsCategory => filter.category = None,
            Fault::ForgetsSearch => filter.search = None,
            Fault::ForgetsFrom => filter.from = None,
            Fault::EndsBeforeLastDay => {
                filter.to = filter.to.map(|to| to.plus(-1).unwrap());
            }
            Fault::ForgetsMinAmount => filter.min_amount = None,
            Fault::IgnoresOrder => filter.order = Order::Descending,
            _ => {}
        }
        filter
    }

    fn spoil_page(&self, page: Page) -> Page {
        match self.fault {
            Fault::OffByOnePage => Page { number: page.number.saturating_add(1), ..page },
            _ => page,
        }
    }

    fn spoil_listing(
        &self,
        filter: &TransactionFilter,
        mut listing: Listing<Transaction>,
    ) -> Listing<Transaction> {
        let items = &mut listing.items;
        match self.fault {
            Fault::DropsPosting if items.len() > 5 => drop(items.remove(5)),
            Fault::RepeatsPosting if items.len() > 5 => items[5] = items[4].clone(),
            Fault::TotalOfPage => listing.total = items.len() as u64,
            Fault::MindsCase => {
                let search = filter.search.clone().unwrap_or_default();
                items.retain(|item| item.description.contains(&search));
            }
            Fault::MinAmountOfCredits if filter.min_amount.is_some() => {
                items.retain(|item| item.posting.amount.is_positive());
            }
            _ => {}
        }
        listing
    }
}

#[async_trait]
impl Store for Broken {
    async fn world(&self) -> Result<WorldInfo> {
        let mut world = self.store.world().await?;
        match self.fault {
            Fault::StaleClock => world.clock = world.start.start(),
            Fault::WrongCounts => world.counts.transactions += 1,
            _ => {}
        }
        Ok(world)
    }

    async fn catalog(&self) -> Result<Arc<Catalog>> {
        self.store.catalog().await
    }

    async fn setting(&self, key: &str) -> Result<Option<String>> {
        let setting = self.store.setting(key).await?;
        Ok(setting.filter(|_| !self.has(Fault::ForgetsSettings)))
    }

    async fn user(&self, id: UserId) -> Result<Option<User>> {
        self.store.user(id).await
    }

    async fn credentials(&self, username: &str) -> Result<Option<Credentials>> {
        let mut found = self.store.credentials(username).await?;
        if let (Some(found), true) = (&mut found, self.has(Fault::ForgetsPassword)) {
            "$argon2id$default".clone_into(&mut found.password_hash);
        }
        Ok(found)
    }

    async fn account(&self, id: AccountId) -> Result<Option<Account>> {
        let mut account = self.store.account(id).await?;
        if let (Some(account), true) = (&mut account, self.has(Fault::StaleBalance)) {
            account.balance = account.opening_balance;
        }
        Ok(account)
    }

    async fn accounts_of(
        &self,
        user: UserId,
        filter: &AccountFilter,
        page: Page,
    ) -> Result<Listing<Account>> {
        let kind = filter.kind.filter(|_| !self.has(Fault::ForgetsAccountKind));
        self.store.accounts_of(user, &AccountFilter { kind, ..*filter }, page).await
    }

    async fn accounts(&self, page: Page) -> Result<Listing<AccountLine>> {
        match self.fault {
            Fault::FirstAccountsOnly => self.store.accounts(Page { number: 1, ..page }).await,
            _ => self.store.accounts(page).await,
        }
    }

    async fn directory(&self, query: &DirectoryQuery) -> Result<Listing<DirectoryLine>> {
        let mut query = query.clone();
        match self.fault {
            Fault::ForgetsDirectoryText => query.text = None,
            Fault::ForgetsDirectorySort => query.sort = DirectorySort::Number,
            Fault::ForgetsDirectoryOrder => query.order = Order::Ascending,
            _ => {}
        }
        let mut found = self.store.directory(&query).await?;
        match self.fault {
            Fault::HidesThoseWithoutAccount => found.items.retain(|line| line.account.is_some()),
            Fault::DirectoryTotalOfWindow => found.total = found.items.len() as u64,
            Fault::DirectoryOfOpeningBalances => {
                for account in found.items.iter_mut().filter_map(|line| line.account.as_mut()) {
                    account.balance = account.opening_balance;
                }
            }
            _ => {}
        }
        Ok(found)
    }

    async fn card(&self, id: CardId) -> Result<Option<Card>> {
        let mut card = self.store.card(id).await?;
        if let (Some(card), true) = (&mut card, self.has(Fault::StaleSpend)) {
            card.spend = Money::ZERO;
        }
        Ok(card)
    }

    async fn cards_of(&self, account: AccountId) -> Result<Vec<Card>> {
        let mut cards = self.store.cards_of(account).await?;
        if self.has(Fault::LosesSecondCard) {
            cards.truncate(1);
        }
        Ok(cards)
    }

    async fn transaction(&self, id: TransactionId) -> Result<Option<Transaction>> {
        let found = self.store.transaction(id).await?;
        if self.has(Fault::FindsByReferenceAlone) && found.is_none() && id.day.number() > 0 {
            let before = TransactionId { day: id.day.plus(-1).unwrap(), ..id };
            return self.store.transaction(before).await;
        }
        let keep = |found: &Transaction| {
            !self.has(Fault::LosesOldTransactions) || found.posting.sequence > 1
        };
        Ok(found.filter(keep))
    }

    async fn transactions_of_account(
        &self,
        account: AccountId,
        filter: &TransactionFilter,
        page: Page,
    ) -> Result<Listing<Transaction>> {
        let asked = self.spoil_filter(filter);
        let page = self.spoil_page(page);
        let found = self.store.transactions_of_account(account, &asked, page).await?;
        Ok(self.spoil_listing(filter, found))
    }

    async fn transactions_of_card(
        &self,
        card: CardId,
        filter: &TransactionFilter,
        page: Page,
    ) -> Result<Listing<Transaction>> {
        if self.has(Fault::ShowsCardOfAccount) {
            let account = self.store.card(card).await?.unwrap().account;
            return self.store.transactions_of_account(account, filter, page).await;
        }
        self.store.transactions_of_card(card, filter, page).await
    }

    async fn ledger(&self) -> Result<LedgerTotals> {
        let mut totals = self.store.ledger().await?;
        if self.has(Fault::LedgerOfAnotherTime) {
            // The sum stays zero.
            totals.deposits += 1;
            totals.card_debt += 1;
        }
        if self.has(Fault::WrongHub) {
            // The sum stays zero.
            let moved = totals.hubs[0].1;
            totals.hubs[0].1 = totals.hubs[1].1;
            totals.hubs[1].1 = moved;
        }
        Ok(totals)
    }

    async fn daily_totals(&self, days: RangeInclusive<Day>) -> Result<Vec<DailyTotal>> {
        let days = if self.has(Fault::ForgetsDays) { Day::default()..=Day::MAX } else { days };
        let mut totals = self.store.daily_totals(days).await?;
        match self.fault {
            Fault::LosesLastDay => drop(totals.pop()),
            Fault::MixesCardsAndAccounts => {
                for total in &mut totals {
                    total.on_card = false;
                }
            }
            _ => {}
        }
        Ok(totals)
    }

    async fn hold(&self, id: HoldId) -> Result<Option<Hold>> {
        self.store.hold(id).await
    }

    async fn holds_of(&self, account: AccountId, page: Page) -> Result<Listing<Hold>> {
        self.store.holds_of(account, page).await
    }

    async fn held(&self, account: AccountId) -> Result<Option<Money>> {
        self.store.held(account).await
    }

    async fn held_of(&self, user: UserId) -> Result<Vec<(AccountId, Money)>> {
        self.store.held_of(user).await
    }

    async fn audit_log(&self, page: Page) -> Result<Listing<AuditEntry>> {
        self.store.audit_log(page).await
    }

    async fn job(&self, number: i64) -> Result<Option<JobRecord>> {
        self.store.job(number).await
    }

    async fn snapshot(&self) -> Result<Box<dyn Snapshot>> {
        let snapshot = self.store.snapshot().await?;
        Ok(match self.fault {
            Fault::SnapshotSkips | Fault::SnapshotOfNow => {
                Box::new(BrokenSnapshot { snapshot, broken: self.clone() })
            }
            _ => snapshot,
        })
    }
}

/// A snapshot with a fault.
struct BrokenSnapshot {
    snapshot: Box<dyn Snapshot>,
    broken: Broken,
}

impl Snapshot for BrokenSnapshot {
    fn world(&mut self) -> Result<WorldInfo> {
        if self.broken.has(Fault::SnapshotOfNow) {
            // A look-up on this store does not wait for anything, so it ends with its first poll.
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            let now = std::pin::pin!(self.broken.store.world()).poll(&mut context);
            let std::task::Poll::Ready(now) = now else { unreachable!("the read waited") };
            return now;
        }
        self.snapshot.world()
    }

    fn ledger(&mut self) -> Result<LedgerTotals> {
        self.snapshot.ledger()
    }

    fn daily_totals(&mut self, days: RangeInclusive<Day>) -> Result<Vec<DailyTotal>> {
        self.snapshot.daily_totals(days)
    }

    fn users(&mut self, after: i64, limit: usize) -> Result<Vec<User>> {
        self.snapshot.users(after, limit)
    }

    fn accounts(&mut self, after: i64, limit: usize) -> Result<Vec<Account>> {
        self.snapshot.accounts(after, limit)
    }

    fn cards(&mut self, after: i64, limit: usize) -> Result<Vec<Card>> {
        self.snapshot.cards(after, limit)
    }

    fn held(&mut self, after: i64, limit: usize) -> Result<Vec<HeldMoney>> {
        self.snapshot.held(after, limit)
    }

    fn postings(
        &mut self,
        after: (i64, i64),
        last: i64,
        limit: usize,
        out: &mut PostingBatch,
    ) -> Result<()> {
        let (account, sequence) = after;
        let skipped = i64::from(self.broken.has(Fault::SnapshotSkips) && account > 0);
        self.snapshot.postings((account, sequence + skipped), last, limit, out)
    }

    fn description(&mut self, number: u32) -> Result<Arc<str>> {
        self.snapshot.description(number)
    }

    fn descriptions(&mut self) -> Result<Vec<String>> {
        self.snapshot.descriptions()
    }

    fn seals(&mut self, after: i64, limit: usize) -> Result<Vec<Seal>> {
        self.snapshot.seals(after, limit)
    }
}
