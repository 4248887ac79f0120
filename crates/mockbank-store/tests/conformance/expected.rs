//! What a store must answer, found without any cleverness in a list of all postings.

use mockbank_bank::{
    Account, AccountId, Card, CardId, Catalog, DailyTotal, LedgerAccount, Posting,
};
use mockbank_store::{LedgerTotals, Order, Page, TransactionFilter};

use super::sample::Sample;

/// A sample as it stands, with all that was posted so far.
pub(crate) struct Expected<'a> {
    pub(crate) sample: &'a Sample,
    pub(crate) postings: &'a [Posting],
}

impl Expected<'_> {
    pub(crate) fn catalog(&self) -> &Catalog {
        &self.sample.world.catalog
    }

    /// An account with its balance and count as its postings make them.
    pub(crate) fn account(&self, id: AccountId) -> Account {
        let account = self.sample.accounts.iter().find(|account| account.id == id).unwrap();
        let own = || self.postings.iter().filter(|posting| posting.account == id);
        let moved: i128 = own().filter(|p| p.card.is_none()).map(|p| p.amount).sum();
        let balance = account.opening_balance.minor() + i64::try_from(moved).unwrap();
        Account {
            balance: mockbank_bank::Money::from_minor(balance),
            postings: own().count() as u64,
            ..account.clone()
        }
    }

    /// A card with its debt, count and last bill as its postings make them.
    pub(crate) fn card(&self, id: CardId) -> Card {
        let card = self.sample.cards.iter().find(|card| card.id == id).unwrap();
        let own = || self.postings.iter().filter(|posting| posting.card == Some(id));
        let moved: i128 = own().map(|posting| posting.amount).sum();
        let state = self.sample.books.iter().flat_map(|book| &book.cards);
        Card {
            spend: mockbank_bank::Money::from_minor(i64::try_from(-moved).unwrap()),
            postings: own().count() as u64,
            last_bill: state.clone().find(|state| state.card == id).unwrap().last_bill,
            ..card.clone()
        }
    }

    /// A page of the postings for which `list` holds, and how many there are.
    pub(crate) fn page(
        &self,
        list: impl Fn(&Posting) -> bool,
        filter: &TransactionFilter,
        page: Page,
    ) -> (u64, Vec<Posting>) {
        let mut found: Vec<_> =
            self.postings.iter().filter(|p| list(p) && self.passes(p, filter)).copied().collect();
        found.sort_by_key(|posting| (posting.at, posting.sequence));
        if filter.order == Order::Descending {
            found.reverse();
        }
        let skip = usize::try_from((page.number - 1).saturating_mul(page.size)).unwrap();
        let take = usize::try_from(page.size).unwrap();
        (found.len() as u64, found.into_iter().skip(skip).take(take).collect())
    }

    fn passes(&self, posting: &Posting, filter: &TransactionFilter) -> bool {
        let category = &self.catalog().categories[usize::from(posting.category)];
        let description = &self.catalog().descriptions[posting.description as usize];
        let contains = |text: &String| description.to_lowercase().contains(&text.to_lowercase());
        let day = posting.at.day();
        filter.category.as_ref().is_none_or(|name| name == category)
            && filter.search.as_ref().is_none_or(contains)
            && filter.from.is_none_or(|from| day >= from)
            && filter.to.is_none_or(|to| day <= to)
            && filter.min_amount.is_none_or(|least| posting.amount.checked_abs() >= Some(least))
    }

    /// What was posted on each day, by sort.
    pub(crate) fn daily_totals(&self) -> Vec<DailyTotal> {
        let sort = |p: &Posting| (p.at.day(), p.card.is_some(), p.kind.code(), p.category);
        let mut postings = self.postings.to_vec();
        postings.sort_by_key(sort);
        let total = |same: &[Posting]| DailyTotal {
            day: same[0].at.day(),
            on_card: same[0].card.is_some(),
            kind: same[0].kind,
            category: same[0].category,
            postings: same.len() as u64,
            credits: same.iter().map(|p| p.amount).filter(|amount| amount.is_positive()).sum(),
            debits: same.iter().filter(|p| p.amount.is_negative()).map(|p| -minor(p)).sum(),
        };
        postings.chunk_by(|a, b| sort(a) == sort(b)).map(total).collect()
    }

    /// What stands on the ledger's accounts.
    pub(crate) fn ledger(&self) -> LedgerTotals {
        let mut totals = LedgerTotals::default();
        let mut sides = std::collections::BTreeMap::<LedgerAccount, i64>::new();
        for account in &self.sample.accounts {
            totals.deposits += i128::from(self.account(account.id).balance.minor());
            *sides.entry(OPENING).or_default() -= account.opening_balance.minor();
        }
        for card in &self.sample.cards {
            totals.card_debt += i128::from(self.card(card.id).spend.minor());
        }
        for posting in self.postings {
            *sides.entry(posting.contra).or_default() -= posting.amount.minor();
        }
        let balance = |account| {
            let minor = sides.get(&account).copied().unwrap_or(0);
            mockbank_bank::Money::from_minor(minor)
        };
        totals.bank = mockbank_bank::BankAccount::ALL
            .map(|account| (account, balance(LedgerAccount::Bank(account))))
            .to_vec();
        totals.hubs = sides
            .keys()
            .filter_map(|account| match account {
                LedgerAccount::Hub(hub) => Some((*hub, balance(*account))),
                _ => None,
            })
            .collect();
        totals
    }
}

fn minor(posting: &Posting) -> i128 {
    posting.amount.minor().into()
}

const OPENING: LedgerAccount = LedgerAccount::Bank(mockbank_bank::BankAccount::OpeningBalances);
