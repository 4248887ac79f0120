//! Saving where books stand, each against what its postings of this step did.

use deadpool_postgres::ClientWrapper;
use mockbank_bank::rules::{Book, CardBook};
use mockbank_bank::{Card, Day, Money, UserId};

use super::customers::{self, NewAccount};
use super::invalid;
use super::newcomers::Newcomers;
use crate::postgres::read::Params;
use crate::tally::{OpenBook, Run, Tally};
use crate::{Books, Result, StoreError};

/// Columns of what is saved, so that a batch takes a statement for each table.
#[derive(Default)]
pub(super) struct Saved<'b> {
    new_accounts: Vec<NewAccount>,
    new_cards: Vec<Card>,
    accounts: Accounts,
    cards: Cards,
    marks: Marks,
    customers: Vec<i64>,
    memories: Vec<&'b [u8]>,
}

#[derive(Default)]
struct Accounts {
    number: Vec<i64>,
    customer: Vec<i64>,
    balance_before: Vec<i64>,
    postings_before: Vec<i64>,
    status: Vec<i16>,
    balance: Vec<i64>,
    held: Vec<i64>,
    postings: Vec<i64>,
    latest: Vec<i64>,
}

#[derive(Default)]
struct Cards {
    number: Vec<i64>,
    account: Vec<i64>,
    spend_before: Vec<i64>,
    postings_before: Vec<i64>,
    status: Vec<i16>,
    limit: Vec<i64>,
    spend: Vec<i64>,
    postings: Vec<i64>,
    last_bill: Vec<Option<i32>>,
}

#[derive(Default)]
struct Marks {
    card: Vec<i64>,
    postings: Vec<i64>,
    sequence: Vec<i64>,
}

impl<'b> Saved<'b> {
    /// Holds books against the step's postings, and new ones against where they began.
    pub(super) fn collect(
        tally: &mut Tally,
        newcomers: &mut Newcomers,
        books: &'b [Books],
    ) -> Result<Self> {
        let mut saved = Self::default();
        for Books { user, books, memory } in books {
            for book in books {
                let moved = tally.close(book)?;
                saved.add_book(newcomers, *user, book, moved.as_ref())?;
            }
            saved.customers.push(user.number());
            saved.memories.push(memory);
        }
        Ok(saved)
    }

    fn add_book(
        &mut self,
        newcomers: &mut Newcomers,
        user: UserId,
        book: &Book,
        moved: Option<&OpenBook>,
    ) -> Result<()> {
        let balance = book.balance.minor();
        let still = Run { before: balance, after: balance, postings: 0 };
        let run = moved.map_or(still, |moved| moved.deposit);
        let postings = book.postings.cast_signed();
        let postings_before = postings - run.postings;
        if let Some(new) = newcomers.take_account(book.account) {
            let begins = new.user == user && new.balance.minor() == run.before;
            if !begins || postings_before != 0 {
                return Err(elsewhere());
            }
            let (account, held, latest) = (book.of_account(&new), book.held, book.latest);
            self.new_accounts.push(NewAccount { account, held, latest });
        } else {
            let accounts = &mut self.accounts;
            accounts.number.push(book.account.number());
            accounts.customer.push(user.number());
            accounts.balance_before.push(run.before);
            accounts.postings_before.push(postings_before);
            accounts.status.push(book.status.code().into());
            accounts.balance.push(balance);
            accounts.held.push(book.held.minor());
            accounts.postings.push(postings);
            accounts.latest.push(book.latest.seconds());
        }
        book.cards.iter().try_for_each(|card| self.add_card(newcomers, book, card, moved))
    }

    fn add_card(
        &mut self,
        newcomers: &mut Newcomers,
        book: &Book,
        card: &CardBook,
        moved: Option<&OpenBook>,
    ) -> Result<()> {
        let number = card.card.number();
        let own = |moved: &OpenBook| {
            moved.cards.iter().find(|(moved, _)| *moved == number).map(|(_, run)| *run)
        };
        let run = moved.and_then(own);
        let spend_before = match run {
            Some(run) => Money::from_minor(run.before).checked_neg(),
            None => Some(card.spend),
        };
        let spend_before = spend_before.ok_or_else(|| invalid("a debt is too large".to_owned()))?;
        let postings = card.postings.cast_signed();
        let postings_before = postings - run.map_or(0, |run| run.postings);
        if let Some(new) = newcomers.take_card(card.card) {
            let begins = new.account == book.account && new.spend == spend_before;
            if !begins || postings_before != 0 {
                return Err(elsewhere());
            }
            self.new_cards.push(card.of_card(&new));
        } else {
            let cards = &mut self.cards;
            cards.number.push(number);
            cards.account.push(book.account.number());
            cards.spend_before.push(spend_before.minor());
            cards.postings_before.push(postings_before);
            cards.status.push(card.status.code().into());
            cards.limit.push(card.limit.minor());
            cards.spend.push(card.spend.minor());
            cards.postings.push(postings);
            cards.last_bill.push(card.last_bill.map(Day::number).map(i32::from));
        }
        for (marked, since, sequence) in moved.map_or(&[][..], |moved| &moved.marks) {
            if *marked == number {
                self.marks.card.push(number);
                self.marks.postings.push(postings_before + since);
                self.marks.sequence.push(*sequence);
            }
        }
        Ok(())
    }

    /// Writes all of it. Whoever computed the books must have started from where they stand.
    pub(super) async fn write(&self, client: &ClientWrapper) -> Result<()> {
        customers::insert_accounts(client, &self.new_accounts).await?;
        customers::insert_cards(client, &self.new_cards).await?;
        let accounts = self.write_accounts(client).await?;
        let cards = self.write_cards(client).await?;
        if accounts != self.accounts.number.len() as u64 || cards != self.cards.number.len() as u64
        {
            return Err(elsewhere());
        }
        self.write_marks(client).await?;
        self.write_memories(client).await
    }

    async fn write_accounts(&self, client: &ClientWrapper) -> Result<u64> {
        let sql = "UPDATE account a SET status = n.status, balance = n.balance, held = n.held,
                       postings = n.postings, latest = n.latest
                   FROM (SELECT unnest($1::bigint[]) AS number, unnest($2::bigint[]) AS customer,
                       unnest($3::bigint[]) AS balance_before,
                       unnest($4::bigint[]) AS postings_before, unnest($5::smallint[]) AS status,
                       unnest($6::bigint[]) AS balance, unnest($7::bigint[]) AS held,
                       unnest($8::bigint[]) AS postings, unnest($9::bigint[]) AS latest) AS n
                   WHERE a.number = n.number AND a.customer = n.customer
                       AND a.balance = n.balance_before AND a.postings = n.postings_before";
        let accounts = &self.accounts;
        if accounts.number.is_empty() {
            return Ok(0);
        }
        let columns: Params = &[
            &accounts.number,
            &accounts.customer,
            &accounts.balance_before,
            &accounts.postings_before,
            &accounts.status,
            &accounts.balance,
            &accounts.held,
            &accounts.postings,
            &accounts.latest,
        ];
        let statement = client.prepare_cached(sql).await?;
        Ok(client.execute(&statement, columns).await?)
    }

    async fn write_cards(&self, client: &ClientWrapper) -> Result<u64> {
        let sql = "UPDATE card c SET status = n.status, credit_limit = n.credit_limit,
                       spend = n.spend, postings = n.postings, last_bill = n.last_bill
                   FROM (SELECT unnest($1::bigint[]) AS number, unnest($2::bigint[]) AS account,
                       unnest($3::bigint[]) AS spend_before,
                       unnest($4::bigint[]) AS postings_before, unnest($5::smallint[]) AS status,
                       unnest($6::bigint[]) AS credit_limit, unnest($7::bigint[]) AS spend,
                       unnest($8::bigint[]) AS postings, unnest($9::integer[]) AS last_bill) AS n
                   WHERE c.number = n.number AND c.account = n.account
                       AND c.spend = n.spend_before AND c.postings = n.postings_before";
        let cards = &self.cards;
        if cards.number.is_empty() {
            return Ok(0);
        }
        let columns: Params = &[
            &cards.number,
            &cards.account,
            &cards.spend_before,
            &cards.postings_before,
            &cards.status,
            &cards.limit,
            &cards.spend,
            &cards.postings,
            &cards.last_bill,
        ];
        let statement = client.prepare_cached(sql).await?;
        Ok(client.execute(&statement, columns).await?)
    }

    async fn write_marks(&self, client: &ClientWrapper) -> Result<()> {
        if self.marks.card.is_empty() {
            return Ok(());
        }
        let sql = "INSERT INTO card_mark (card, postings, sequence)
                   SELECT unnest($1::bigint[]), unnest($2::bigint[]), unnest($3::bigint[])";
        let statement = client.prepare_cached(sql).await?;
        let Marks { card, postings, sequence } = &self.marks;
        client.execute(&statement, &[card, postings, sequence]).await?;
        Ok(())
    }

    async fn write_memories(&self, client: &ClientWrapper) -> Result<()> {
        let sql = "INSERT INTO memory (customer, content)
                   SELECT * FROM unnest($1::bigint[], $2::bytea[])
                   ON CONFLICT (customer) DO UPDATE SET content = excluded.content";
        let statement = client.prepare_cached(sql).await?;
        client.execute(&statement, &[&self.customers, &self.memories]).await?;
        Ok(())
    }
}

fn elsewhere() -> StoreError {
    invalid("a book that was saved stands elsewhere".to_owned())
}
