//! The directory's names, identifiers and balances in memory.
//!
//! A key of a dashboard asks for a screen of a table that is filtered and sorted over the whole
//! world. No index of the database serves a text within a name, and one over balances would be
//! written anew for every account of every step. So what is searched and sorted is kept here,
//! read once and brought up to date by what has changed: some 150 bytes for each account.

use memchr::memmem::Finder;
use rusqlite::{Connection, Params};

use super::lookups::one;
use crate::sqlite::row::damaged;
use crate::{DirectoryQuery, DirectorySort, Order, Result};

/// What tells whether something has changed: nobody leaves, and a balance moves by a posting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) users: i64,
    pub(super) accounts: i64,
    transactions: i64,
}

/// A customer with an account, or without one.
#[derive(Clone, Copy, Debug)]
struct Line {
    user: i64,
    /// 0 for none.
    account: i64,
    balance: i64,
    /// Where its part of the text ends; it begins where that of the line before it ends.
    text_end: usize,
    /// Where its family name ends within the names, and behind it the given name.
    last_name_end: usize,
    names_end: usize,
    /// Whether the customer was without an account then, and has one now.
    superseded: bool,
}

/// A line by the numbers of its customer and account.
pub(super) type Key = (i64, Option<i64>);

/// The directory in memory.
#[derive(Debug, Default)]
pub(in crate::sqlite) struct Index {
    version: Version,
    /// The transactions up to which the balances are known.
    balances_at: i64,
    last_user: i64,
    last_account: i64,
    /// In the order in which they were read.
    lines: Vec<Line>,
    /// Names and identifiers in small letters, line after line.
    text: String,
    /// Family and given names, line after line.
    names: String,
    /// Places of the lines in their orders, those alone that are not superseded.
    by_number: Vec<usize>,
    by_name: Vec<usize>,
    by_balance: Vec<usize>,
    by_account: Vec<usize>,
    sorted_by_balance: bool,
}

/// What was read to bring the index up to date.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Refreshed {
    /// Lines with their names.
    pub(super) lines: usize,
    /// Balances alone.
    pub(super) balances: usize,
}

impl Index {
    /// Brings it up to what a query needs, within a transaction.
    pub(super) fn refresh(
        &mut self,
        transaction: &Connection,
        version: Version,
        sort: DirectorySort,
    ) -> Result<Refreshed> {
        let mut read = Refreshed::default();
        if !self.knows(version) {
            read.lines = self.read_lines(transaction)?;
            if !self.holds(version) {
                // Somebody's number lies between those that were known.
                *self = Self::default();
                read.lines += self.read_lines(transaction)?;
            }
            if read.lines == self.lines.len() {
                self.balances_at = version.transactions;
            }
            self.version = version;
        }
        if sort == DirectorySort::Balance {
            if self.balances_at != version.transactions {
                read.balances = self.read_balances(transaction)?;
                self.balances_at = version.transactions;
            }
            if !self.sorted_by_balance {
                self.sort_by_balance();
            }
        }
        Ok(read)
    }

    /// Whether it has everybody, and everybody's accounts.
    fn holds(&self, version: Version) -> bool {
        let holders = self.by_number.chunk_by(|a, b| self.lines[*a].user == self.lines[*b].user);
        (holders.count() as u64, self.by_account.len() as u64)
            == (version.users.cast_unsigned(), version.accounts.cast_unsigned())
    }

    /// Whether it knows everybody of a version, so that names need not be read.
    pub(super) fn knows(&self, version: Version) -> bool {
        (version.users, version.accounts) == (self.version.users, self.version.accounts)
    }

    /// The keys of the lines that a query asks for, and how many its filter lets through.
    pub(super) fn find(&self, query: &DirectoryQuery) -> (u64, Vec<Key>) {
        let order = match query.sort {
            DirectorySort::Number => &self.by_number,
            DirectorySort::Name => &self.by_name,
            DirectorySort::Balance => &self.by_balance,
        };
        let bounded = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let (start, end) = (bounded(query.rows.start), bounded(query.rows.end));
        let matches = query
            .text
            .as_deref()
            .filter(|text| !text.is_empty())
            .map(|text| self.matching(&text.to_lowercase()));
        let passes = |place: &usize| matches.as_ref().is_none_or(|matches| matches[*place]);
        let total = match &matches {
            None => order.len(),
            Some(_) => order.iter().filter(|place| passes(place)).count(),
        };
        let window = |places: &mut dyn Iterator<Item = &usize>| {
            let wanted = places.filter(|place| passes(place)).skip(start);
            wanted.take(end.saturating_sub(start)).map(|place| self.lines[*place].key()).collect()
        };
        let keys = match query.order {
            Order::Ascending => window(&mut order.iter()),
            Order::Descending => window(&mut order.iter().rev()),
        };
        (total as u64, keys)
    }

    /// Whether each line has a text in it.
    fn matching(&self, text: &str) -> Vec<bool> {
        let finder = Finder::new(text);
        let mut matches = vec![false; self.lines.len()];
        let (mut from, mut place) = (0, 0);
        while let Some(found) = finder.find(&self.text.as_bytes()[from..]) {
            let start = from + found;
            while self.lines[place].text_end <= start {
                place += 1;
            }
            let end = self.lines[place].text_end;
            matches[place] |= start + text.len() <= end;
            // A find that reaches into the next line is none, and may hide one behind it.
            from = if matches[place] { end } else { start + 1 };
        }
        matches
    }

    /// Reads the lines that are not known yet.
    fn read_lines(&mut self, transaction: &Connection) -> Result<usize> {
        let before = self.lines.len();
        let known = (self.last_user, self.last_account);
        self.read(
            transaction,
            "SELECT u.number, u.first_name, u.last_name, u.username, a.number, a.balance
             FROM user u LEFT JOIN account a ON a.user = u.number
             WHERE u.number > ? ORDER BY u.number",
            [known.0],
        )?;
        // Customers who were known have opened accounts since.
        if known.0 > 0 {
            self.read(
                transaction,
                "SELECT u.number, u.first_name, u.last_name, u.username, a.number, a.balance
                 FROM account a JOIN user u ON u.number = a.user
                 WHERE a.number > ?2 AND u.number <= ?1 ORDER BY a.number",
                known,
            )?;
        }
        self.sort_lines(before);
        Ok(self.lines.len() - before)
    }

    fn read(&mut self, transaction: &Connection, sql: &str, params: impl Params) -> Result<()> {
        let text = |_| damaged("a name is no text");
        let mut statement = transaction.prepare_cached(sql)?;
        let mut rows = statement.query(params)?;
        while let Some(row) = rows.next()? {
            let name = |column| row.get_ref(column)?.as_str().map_err(text);
            let (user, account): (i64, Option<i64>) = (row.get(0)?, row.get(4)?);
            let (first_name, last_name, username) = (name(1)?, name(2)?, name(3)?);
            let identifier = account.map(|account| format!(" acc_{account}")).unwrap_or_default();
            let line = format!("{first_name} {last_name} {username} u_{user}{identifier}");
            self.text.push_str(&line.to_lowercase());
            self.names.push_str(last_name);
            let last_name_end = self.names.len();
            self.names.push_str(first_name);
            self.lines.push(Line {
                user,
                account: account.unwrap_or(0),
                balance: row.get::<_, Option<i64>>(5)?.unwrap_or(0),
                text_end: self.text.len(),
                last_name_end,
                names_end: self.names.len(),
                superseded: false,
            });
            self.last_user = self.last_user.max(user);
            self.last_account = self.last_account.max(account.unwrap_or(0));
        }
        Ok(())
    }

    /// Puts the lines from `before` on into their orders. What was sorted before costs little.
    fn sort_lines(&mut self, before: usize) {
        let Self { lines, names, by_number, by_name, by_account, .. } = self;
        for order in [&mut *by_number, &mut *by_name] {
            order.extend(before..lines.len());
        }
        by_number.sort_by_key(|place| lines[*place].numbers());
        // Of a customer who has accounts now, the line without one comes first.
        for pair in by_number.windows(2) {
            let next = lines[pair[1]].user;
            let line = &mut lines[pair[0]];
            line.superseded |= line.account == 0 && line.user == next;
        }
        for order in [&mut *by_number, &mut *by_name] {
            order.retain(|place| !lines[*place].superseded);
        }
        by_account.clear();
        by_account.extend(by_number.iter().filter(|place| lines[**place].account > 0));
        by_account.sort_by_key(|place| lines[*place].account);
        let name = |place: usize| {
            let start = place.checked_sub(1).map_or(0, |before| lines[before].names_end);
            let line = &lines[place];
            let (last, first) = (start..line.last_name_end, line.last_name_end..line.names_end);
            (&names[last], &names[first], line.numbers())
        };
        by_name.sort_by(|a, b| name(*a).cmp(&name(*b)));
        self.sorted_by_balance = false;
    }

    /// Reads the balances of all lines again.
    fn read_balances(&mut self, transaction: &Connection) -> Result<usize> {
        let mut statement =
            transaction.prepare_cached("SELECT number, balance FROM account ORDER BY number")?;
        let mut rows = statement.query([])?;
        for place in &self.by_account {
            let line = &mut self.lines[*place];
            match rows.next()? {
                Some(row) if row.get::<_, i64>(0)? == line.account => line.balance = row.get(1)?,
                _ => return Err(damaged("an account is gone")),
            }
        }
        self.sorted_by_balance = false;
        Ok(self.by_account.len())
    }

    fn sort_by_balance(&mut self) {
        // Side by side, since the lines lie too far apart for a sort; what has no account has the
        // least. Equal ones stay in the order of their numbers.
        let key = |place: &usize| {
            let line = &self.lines[*place];
            (line.account > 0, line.balance, *place)
        };
        let mut sorted: Vec<_> = self.by_number.iter().map(key).collect();
        sorted.sort_by_key(|(has_account, balance, _)| (*has_account, *balance));
        self.by_balance = sorted.into_iter().map(|(_, _, place)| place).collect();
        self.sorted_by_balance = true;
    }
}

impl Line {
    const fn numbers(&self) -> (i64, i64) {
        (self.user, self.account)
    }

    fn key(&self) -> Key {
        (self.user, Some(self.account).filter(|account| *account > 0))
    }
}

/// Which version a transaction sees.
pub(super) fn version(transaction: &Connection) -> Result<Version> {
    let sql = "SELECT users, accounts, transactions FROM world";
    let version = one(transaction, sql, [], |row| {
        Ok(Version { users: row.get(0)?, accounts: row.get(1)?, transactions: row.get(2)? })
    })?;
    version.ok_or_else(|| damaged("the world has no identity"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sqlite::schema;

    const CUSTOMERS: usize = 300;

    /// A world in which every customer has an account, and its balance is the number squared
    /// modulo 97.
    fn world() -> Connection {
        let mut connection = Connection::open_in_memory().unwrap();
        schema::create(&mut connection).unwrap();
        let sql = "INSERT INTO world (id, seed, model, preset, preset_text, currency, population,
                       start, clock, descriptions, default_password_hash)
                   VALUES (1, 0, 0, '', '', 'USD', 0, 0, 0, 0, '')";
        connection.execute_batch(sql).unwrap();
        for number in 1..=i64::try_from(CUSTOMERS).unwrap() {
            open(&connection, number);
        }
        connection
    }

    fn open(connection: &Connection, number: i64) {
        let sql = "INSERT INTO user (number, username, first_name, last_name, email, city,
                       created_at, theme, notifications)
                   VALUES (?1, 'login' || ?1, 'Ann', 'Name' || (?1 % 10), '', '', 0, '', 1)";
        connection.execute(sql, [number]).unwrap();
        let sql = "INSERT INTO account (number, user, kind, currency, status, opening_balance,
                       balance, salary)
                   VALUES (?1, ?1, 0, 'USD', 0, (?1 * ?1) % 97, (?1 * ?1) % 97, 0)";
        connection.execute(sql, [number]).unwrap();
        let sql = "UPDATE world SET users = users + 1, accounts = accounts + 1";
        connection.execute_batch(sql).unwrap();
    }

    fn refresh(index: &mut Index, connection: &Connection, sort: DirectorySort) -> Refreshed {
        index.refresh(connection, version(connection).unwrap(), sort).unwrap()
    }

    fn first(index: &Index, sort: DirectorySort) -> i64 {
        let query = DirectoryQuery { text: None, sort, order: Order::Descending, rows: 0..1 };
        index.find(&query).1[0].0
    }

    #[test]
    fn a_query_reads_what_has_changed_and_no_more() {
        let connection = world();
        let mut index = Index::default();
        let mut read = |sort| refresh(&mut index, &connection, sort);
        let nothing = Refreshed::default();
        assert_eq!(read(DirectorySort::Name), Refreshed { lines: CUSTOMERS, balances: 0 });
        for sort in [DirectorySort::Number, DirectorySort::Name, DirectorySort::Balance] {
            assert_eq!(read(sort), nothing, "{sort:?}");
        }
        let sql = "UPDATE account SET balance = 1000, postings = 1 WHERE number = 77;
                   UPDATE world SET transactions = transactions + 1";
        connection.execute_batch(sql).unwrap();
        assert_eq!(read(DirectorySort::Name), nothing, "names do not move");
        assert_eq!(read(DirectorySort::Balance), Refreshed { lines: 0, balances: CUSTOMERS });
        assert_eq!(read(DirectorySort::Balance), nothing);
        assert_eq!(first(&index, DirectorySort::Balance), 77);
        open(&connection, 301);
        let read = refresh(&mut index, &connection, DirectorySort::Balance);
        assert_eq!(read, Refreshed { lines: 1, balances: 0 });
        assert_eq!(first(&index, DirectorySort::Number), 301);
    }

    #[test]
    fn a_number_between_those_that_were_known_is_found() {
        let connection = world();
        let mut index = Index::default();
        open(&connection, 1000);
        refresh(&mut index, &connection, DirectorySort::Number);
        open(&connection, 500);
        refresh(&mut index, &connection, DirectorySort::Number);
        let text = Some("u_500".to_owned());
        let query = DirectoryQuery { text, rows: 0..9, ..DirectoryQuery::default() };
        assert_eq!(index.find(&query), (1, vec![(500, Some(500))]));
    }

    #[test]
    fn a_text_is_not_found_across_two_lines() {
        let mut index = Index::default();
        for (user, text) in [(1, "xaa"), (2, "aab"), (3, "b")] {
            index.text.push_str(text);
            index.lines.push(Line {
                user,
                account: 0,
                balance: 0,
                text_end: index.text.len(),
                last_name_end: 0,
                names_end: 0,
                superseded: false,
            });
        }
        assert_eq!(index.matching("aa"), [true, true, false]);
        assert_eq!(index.matching("aab"), [false, true, false]);
        assert_eq!(index.matching("aaa"), [false; 3]);
        assert_eq!(index.matching("b"), [false, true, true]);
    }
}
