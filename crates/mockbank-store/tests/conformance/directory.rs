//! The directory of customers and accounts, held against a list that is filtered and sorted
//! without any cleverness.

use mockbank_bank::{
    Account, AccountId, AccountKind, AccountStatus, Currency, Money, Settings, User, UserId,
};
use mockbank_store::{
    AccountFilter, DirectoryLine, DirectoryQuery, DirectorySort, Listing, Order, Page, Store,
    Writer,
};

use super::reads::{Verdict, ok, same};
use super::writes::post_to_the_first;

/// Given and family names, several of which are others' beginnings or hold a pattern's signs.
const NAMES: [(&str, &str); 8] = [
    ("Ana", "Li"),
    ("Bo", "Lind"),
    ("Ana", "Lind"),
    ("Zoë", "Åker"),
    ("100%", "Wool_Shop"),
    ("O'Neil", "\\"),
    ("Li", "Ana"),
    ("", "Zz"),
];

/// The first number of the customers that are added; those before it have the sample's.
const FIRST: i64 = 101;

/// Adds customers with none, one or two accounts, and finds every line in every order; again when
/// balances have moved, and when those without an account have got one.
pub(crate) async fn story(writer: &mut dyn Writer, store: &dyn Store) -> Verdict {
    let users: Vec<User> = (FIRST..FIRST + 24).map(user).collect();
    let accounts: Vec<Account> = users.iter().flat_map(|user| accounts(user.id)).collect();
    add(writer, &users, &accounts)?;
    check(store).await?;
    post_to_the_first(writer, Money::from_minor(-1000))?;
    check(store).await?;
    let late = account(FIRST + 500, UserId::new(FIRST), Money::from_minor(7));
    let newcomer = user(FIRST + 24);
    add(writer, &[newcomer], &[late])?;
    check(store).await
}

fn add(writer: &mut dyn Writer, users: &[User], accounts: &[Account]) -> Verdict {
    let mut step = ok(writer.begin())?;
    let clock = ok(step.world())?.clock;
    ok(step.add_customers(users, accounts, &[]))?;
    ok(step.commit(clock))
}

fn user(number: i64) -> User {
    let index = usize::try_from(number - FIRST).unwrap();
    let (first, last) = NAMES[index % NAMES.len()];
    User {
        id: UserId::new(number),
        username: format!("login.{}", (b'z' - u8::try_from(index).unwrap()) as char),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        email: String::new(),
        city: String::new(),
        created_at: mockbank_bank::Instant::default(),
        settings: Settings { theme: "dark".to_owned(), notifications: true },
    }
}

/// Every third customer has no account, every third has two.
fn accounts(user: UserId) -> Vec<Account> {
    let number = user.number();
    let balance = |slot: i64| Money::from_minor((number * 7919 + slot * 13) % 50 * 100);
    let slots = (number - FIRST) % 3;
    (0..slots).map(|slot| account(number + slot * 200, user, balance(slot))).collect()
}

fn account(number: i64, user: UserId, opening: Money) -> Account {
    Account {
        id: AccountId::new(number),
        user,
        kind: AccountKind::Checking,
        currency: Currency::USD,
        status: AccountStatus::Active,
        opening_balance: opening,
        balance: opening,
        salary: Money::ZERO,
        employer: None,
        postings: 0,
    }
}

/// Holds every question against the list.
async fn check(store: &dyn Store) -> Verdict {
    let lines = all_lines(store).await?;
    let texts =
        ["", "ana li", "LIND", "zoë", "%", "_shop", "\\", "'", "u_10", "ACC_30", "n.q", "!"];
    let sorts = [DirectorySort::Number, DirectorySort::Name, DirectorySort::Balance];
    let windows = [0..u64::MAX, 3..9, 1_000..u64::MAX];
    for text in texts {
        for (sort, order) in sorts.into_iter().flat_map(|s| ORDERS.map(|order| (s, order))) {
            for rows in windows.clone() {
                let text = Some(text.to_owned());
                let query = DirectoryQuery { text, sort, order, rows };
                let found = ok(store.directory(&query).await)?;
                same(&format!("the directory by {query:?}"), &found, &expected(&lines, &query))?;
            }
        }
    }
    let query = DirectoryQuery { rows: 0..2, ..DirectoryQuery::default() };
    same("no text", &ok(store.directory(&query).await)?, &expected(&lines, &query))
}

const ORDERS: [Order; 2] = [Order::Ascending, Order::Descending];

/// Everybody, read customer by customer.
async fn all_lines(store: &dyn Store) -> Result<Vec<DirectoryLine>, String> {
    let mut snapshot = ok(store.snapshot().await)?;
    let mut lines = Vec::new();
    for user in ok(snapshot.users(0, usize::MAX))? {
        let page = Page { number: 1, size: 100 };
        let own = ok(store.accounts_of(user.id, &AccountFilter::default(), page).await)?.items;
        let line = |account| DirectoryLine {
            user: user.id,
            username: user.username.clone(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            account,
        };
        if own.is_empty() {
            lines.push(line(None));
        }
        lines.extend(own.into_iter().map(|account| line(Some(account))));
    }
    Ok(lines)
}

fn expected(lines: &[DirectoryLine], query: &DirectoryQuery) -> Listing<DirectoryLine> {
    let text = query.text.clone().unwrap_or_default().to_lowercase();
    let mut found: Vec<_> =
        lines.iter().filter(|line| haystack(line).contains(&text)).cloned().collect();
    let number = |line: &DirectoryLine| (line.user, line.account.as_ref().map(|a| a.id));
    found.sort_by(|a, b| {
        let by = match query.sort {
            DirectorySort::Number => std::cmp::Ordering::Equal,
            DirectorySort::Name => {
                (&a.last_name, &a.first_name).cmp(&(&b.last_name, &b.first_name))
            }
            DirectorySort::Balance => {
                let balance = |line: &DirectoryLine| line.account.as_ref().map(|a| a.balance);
                balance(a).cmp(&balance(b))
            }
        };
        by.then_with(|| number(a).cmp(&number(b)))
    });
    if query.order == Order::Descending {
        found.reverse();
    }
    let bounded = |number: u64| usize::try_from(number).unwrap().min(found.len());
    let rows = bounded(query.rows.start)..bounded(query.rows.end);
    Listing { total: found.len() as u64, items: found[rows].to_vec() }
}

fn haystack(line: &DirectoryLine) -> String {
    let DirectoryLine { user, username, first_name, last_name, account } = line;
    let account = account.as_ref().map(|account| format!(" {}", account.id)).unwrap_or_default();
    format!("{first_name} {last_name} {username} {user}{account}").to_lowercase()
}
